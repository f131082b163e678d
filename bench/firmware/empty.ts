/** The size of any program: an empty one. */
export {}
