/** A Jacdac bus of its own for each worker, and none where the tools of DeviceScript have theirs. */
process.env.JACDAC_PORT = String(8090 + Number(process.env.VITEST_POOL_ID))
