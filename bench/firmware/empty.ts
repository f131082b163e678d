/** What any program takes: there is nothing in it. */
export {}
