import { readFileSync } from "node:fs"
import tseslint from "typescript-eslint"

/**
 * The language of src/core: what DeviceScript, Node and Espruino all run, and
 * nothing that allocates once a modem has been constructed.
 */
const forbid = (selector, message) => ({ selector, message })

/** A rule of our own: what selectors can not compare. */
const memory = {
    rules: {
        "no-blit-within": {
            create: context => ({
                "CallExpression[callee.property.name='blitAt']"(node) {
                    const text = part => context.sourceCode.getText(part)
                    const [, from] = node.arguments
                    if (from && text(from) === text(node.callee.object))
                        context.report({
                            node,
                            message:
                                "blitAt() is memcpy() on some boards: parts of one buffer that overlap come out wrong",
                        })
                },
            }),
        },
    },
}

const ASCII = "src/core/ascii.ts"
const TIME = "src/core/time.ts"
const characters = new Set(
    [
        ...readFileSync(new URL(ASCII, import.meta.url), "utf8").matchAll(
            /^export const (\w+)/gm
        ),
    ].map(([, name]) => name)
)

/** … and another one: what has a place of its own. */
const once = {
    rules: {
        characters: {
            create: context => ({
                "Program > VariableDeclaration > VariableDeclarator, Program > ExportNamedDeclaration > VariableDeclaration > VariableDeclarator"(
                    node
                ) {
                    if (
                        characters.has(node.id.name) &&
                        typeof node.init?.value === "number"
                    )
                        context.report({
                            node,
                            message: `characters are in ${ASCII}`,
                        })
                },
            }),
        },
        times: {
            create: context => ({
                "BinaryExpression[operator='|'][right.value=0][left.operator='-']"(
                    node
                ) {
                    context.report({
                        node,
                        message: `times are compared by ${TIME}`,
                    })
                },
            }),
        },
    },
}

/** What the DeviceScript compiler does not know. */
const uncompilable = [
    forbid(
        ":matches(MethodDefinition, Property)[kind=/^[gs]et$/]",
        "no getters and setters"
    ),
    forbid(":function[generator=true]", "no generators"),
    forbid("LabeledStatement", "no labels"),
    forbid("PrivateIdentifier", "no #private"),
    forbid("DoWhileStatement", "no do … while"),
    forbid("Literal[regex]", "no regular expressions"),
    forbid("TSNonNullExpression", "no value!, write value as Type"),
    forbid("Property[method=true]", "no methods in object literals"),
    forbid("StaticBlock", "no static blocks"),
    forbid(
        "Identifier[name=/^(Map|Set|WeakMap|WeakSet|Symbol|Proxy|BigInt|.+[0-9]Array|ArrayBuffer|DataView)$/]",
        "DeviceScript has no such thing: bytes are Buffer, lists are arrays"
    ),
]

/** What Espruino does not know, or gets wrong without a word. */
const espruino = [
    forbid(":function[async=true]", "no async: Espruino does not know it"),
    forbid("AwaitExpression", "no await: Espruino does not know it"),
    forbid(":matches(ObjectPattern, ArrayPattern)", "no destructuring"),
    forbid(":matches(SpreadElement, RestElement)", "no spread, no rest"),
    forbid("AssignmentPattern", "no default parameters"),
    forbid("ChainExpression", "no ?. : Espruino does not know it"),
    forbid(
        ":matches(BinaryExpression[operator='**'], AssignmentExpression[operator=/^(\\*\\*|\\?\\?|&&|\\|\\|)=$/])",
        "no such operator: Espruino does not know it"
    ),
    forbid("Property[computed=true]", "no computed keys"),
    forbid(
        "CallExpression[callee.property.name=/^(indexOf|includes|replace)$/] > Literal.arguments[value=/^..+/]",
        "search for one character: Espruino finds several where they are not"
    ),
    forbid(
        "CallExpression[callee.property.name=/^(imul|isInteger|padStart|padEnd|flat|flatMap|entries|fromEntries|matchAll|at)$/]",
        "Espruino has no such method"
    ),
    forbid(
        ":matches(ForStatement, ForOfStatement, ForInStatement, WhileStatement) > BlockStatement :function",
        "no closure in a loop: all share one binding"
    ),
]

/** What the core does not need either. */
const portable = [
    ...espruino,
    forbid("Identifier[name='Promise']", "no promises: the core never waits"),
    forbid("ForInStatement", "no for … in"),
    forbid(
        ":matches(ArrowFunctionExpression, :not(MethodDefinition) > FunctionExpression)",
        "no closures"
    ),
    forbid(
        ":matches(ClassDeclaration, ClassExpression)[superClass]",
        "no inheritance: Espruino breaks it at three levels and for Error"
    ),
]

/** Any function but a constructor. */
const running = ":matches(MethodDefinition[kind='method'], FunctionDeclaration)"

const zeroAllocation = [
    forbid(`${running} ArrayExpression`, "allocates an array"),
    forbid(`${running} ObjectExpression`, "allocates an object"),
    forbid(`${running} TemplateLiteral`, "allocates a string"),
    forbid(`${running} NewExpression`, "allocates an object"),
    forbid(
        `${running} CallExpression > MemberExpression[property.name=/^(alloc|from|concat|slice|toString|substring|split|join|push|map|filter)$/]`,
        "allocates"
    ),
]

/**
 * Machines of the core write their own fields only. Plain records are nobody's own, and
 * some fields are inputs: `@input` stands in their comments.
 * @param machines as their fields and variables are called
 */
const ownFields = machines =>
    [
        "AssignmentExpression > MemberExpression.left",
        "UpdateExpression > MemberExpression.argument",
    ].map(selector =>
        forbid(
            `${selector}:matches([object.name=/^(${machines})$/], [object.property.name=/^(${machines})$/]):not([property.name=/^(awaitPrompt|text|framed|inlineHeaders|decide)$/])`,
            "another machine's field: call a method of it, or wish (wishes.ts)"
        )
    )
const CORE_MACHINES =
    "digest|results|channel|foreign|recovery|ip|features|bearer|finder|said"
const MACHINES = `${CORE_MACHINES}|reporter|pin|modem`
/** … without the one on which the functions of a folder are */
const allBut = machine => MACHINES.replace(`${machine}|`, "")

/** src/ports/naps.ts tells why. */
const waits = forbid(
    "MemberExpression[object.name='ds'][property.name=/^(sleep|delay|suspend|wait)$/]",
    "wait by src/ports/naps.ts: such a wait can be a board's last"
)

const noPlatform = {
    "no-restricted-imports": [
        "error",
        {
            patterns: [
                {
                    regex: "^(?!\\./)",
                    message: "the core imports nothing but the core",
                },
            ],
        },
    ],
    "no-restricted-globals": [
        "error",
        "Date",
        "console",
        "setTimeout",
        "setInterval",
        "clearTimeout",
        "clearInterval",
        "process",
        "performance",
        "global",
        "globalThis",
    ],
    // Espruino does not hoist functions
    "@typescript-eslint/no-use-before-define": "error",
}

export default tseslint.config(
    {
        ignores: [
            "node_modules/",
            ".devicescript/",
            "coverage/",
            "site/",
            "build/",
            // programs of Espruino
            "espruino/examples/",
            "test/espruino/programs/",
            "**/dist/",
        ],
    },
    tseslint.configs.recommended,
    {
        rules: {
            "@typescript-eslint/no-unused-vars": [
                "error",
                { argsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" },
            ],
            "@typescript-eslint/no-this-alias": [
                "error",
                { allowedNames: ["self"] },
            ],
            eqeqeq: ["error", "always", { null: "ignore" }],
        },
    },
    {
        files: [
            "src/**/*.ts",
            "boards/**/*.ts",
            "simulator/bridge/**/*.ts",
            "test/vm/**/*.ts",
            "{bench,test/e2e}/firmware/**/*.ts",
        ],
        ignores: ["src/{node,espruino}/**"],
        rules: { "no-restricted-syntax": ["error", ...uncompilable] },
    },
    {
        files: [
            "{src,boards}/**/*.ts",
            "simulator/bridge/**/*.ts",
            "test/vm/**/*.ts",
            "{bench,test/e2e}/firmware/**/*.ts",
        ],
        // its natives only have to be found in bytecode
        ignores: ["test/e2e/firmware/allocating.ts"],
        plugins: { memory },
        rules: { "memory/no-blit-within": "error" },
    },
    {
        files: ["src/**/*.ts"],
        ignores: [ASCII],
        plugins: { once },
        rules: { "once/characters": "error" },
    },
    {
        files: ["src/{core,protocols,espruino,devicescript,ports}/**/*.ts"],
        ignores: [TIME],
        plugins: { once },
        rules: { "once/times": "error" },
    },
    {
        files: ["src/{core,devicescript}/**/*.ts"],
        rules: { complexity: ["error", 23] },
    },
    {
        files: ["src/espruino/**/*.ts"],
        ignores: ["**/*.d.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...espruino,
                forbid(
                    ":matches(ClassDeclaration, ClassExpression)[superClass]",
                    "no inheritance: Espruino breaks it at three levels and for Error"
                ),
            ],
        },
    },
    {
        files: [
            "src/{ports,devicescript,selftest}/**/*.ts",
            "src/selftest.ts",
            "boards/**/*.ts",
        ],
        ignores: ["src/ports/naps.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...uncompilable,
                waits,
                ...ownFields(CORE_MACHINES),
            ],
        },
    },
    {
        files: ["src/core/**/*.ts"],
        rules: {
            ...noPlatform,
            "no-restricted-syntax": [
                "error",
                ...uncompilable,
                ...portable,
                ...zeroAllocation,
                ...ownFields(`${MACHINES}|links|preparation`),
            ],
        },
    },
    {
        // the functions of this folder are on the connections
        files: ["src/core/link/*.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...uncompilable,
                ...portable,
                ...zeroAllocation,
                ...ownFields(MACHINES),
            ],
        },
    },
    {
        // … and of this one on the bearer
        files: ["src/core/bearer/*.ts"],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...uncompilable,
                ...portable,
                ...zeroAllocation,
                ...ownFields(`${allBut("bearer")}|links|preparation`),
            ],
        },
    },
    {
        files: ["src/core/*/**/*.ts"],
        rules: {
            "no-restricted-imports": [
                "error",
                {
                    patterns: [
                        {
                            regex: "^(?!\\./|\\.\\./(?!\\.))",
                            message: "the core imports nothing but the core",
                        },
                    ],
                },
            ],
        },
    },
    {
        // a chip's driver, which Node runs too
        files: ["src/ports/sc16is7xx.ts"],
        rules: {
            ...noPlatform,
            "no-restricted-imports": [
                "error",
                { patterns: [{ regex: "^(?!\\./baud|\\.\\./core/)" }] },
            ],
            "no-restricted-syntax": [
                "error",
                ...uncompilable,
                ...portable,
                ...zeroAllocation,
            ],
        },
    },
    {
        // protocols above sockets: both runtimes run them, and they may allocate
        files: ["src/protocols/**/*.ts"],
        rules: {
            ...noPlatform,
            "no-restricted-imports": [
                "error",
                { patterns: [{ regex: "^(?!\\./|\\.\\./core/)" }] },
            ],
            "no-restricted-syntax": ["error", ...uncompilable, ...portable],
        },
    },
    {
        // what describes a failure may allocate, what reads options, what makes
        // constant tables, and a dialogue, which gives texts; so may a connection when
        // its number is used for the first time
        files: [
            "src/core/{arguments,errors,lines,lookup,options,table,text,link/connection}.ts",
            "src/core/dialogues/**/*.ts",
        ],
        rules: {
            "no-restricted-syntax": [
                "error",
                ...uncompilable,
                ...portable,
                ...ownFields(`${MACHINES}|links|preparation`),
            ],
        },
    },
    {
        // a package of its own: it knows nothing of the driver
        files: ["sim/**/*.ts"],
        rules: {
            "no-restricted-imports": [
                "error",
                {
                    patterns: [
                        {
                            regex: "/(src|simulator|optimizer|boards|test|bench|docs)/",
                            message: "virtual-sim800 stands alone",
                        },
                    ],
                },
            ],
        },
    }
)
