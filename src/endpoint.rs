//! Host name to (service, region).
