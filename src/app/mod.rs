//! Opens everything in order, wires it, and shuts it down.
