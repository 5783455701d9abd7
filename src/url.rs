//! URLs as they go on the wire.
