//! The signing process, in the order of the AWS page.
