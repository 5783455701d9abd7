//! Prints the public API that a JSON file of rustdoc describes, one item a line, sorted by path.

use std::error::Error;

use public_api::Builder;

/// Traits that say nothing to a caller: every type has them, or they are the compiler's own.
const PASSED_OVER: [&str; 6] = [
    "impl core::marker::Freeze for ",
    "impl core::marker::StructuralPartialEq for ",
    "impl core::marker::Unpin for ",
    "impl core::marker::UnsafeUnpin for ",
    "impl core::panic::unwind_safe::RefUnwindSafe for ",
    "impl core::panic::unwind_safe::UnwindSafe for ",
];

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os()
        .nth(1)
        .ok_or("usage: public-api-listing FILE.json")?;
    let api = Builder::from_rustdoc_json(file)
        .omit_blanket_impls(true)
        .build()?;
    for item in api.items() {
        let line = strip_lifetimes(&item.to_string());
        if !PASSED_OVER
            .iter()
            .any(|passed_over| line.starts_with(passed_over))
        {
            println!("{item}");
        }
    }
    Ok(())
}

/// `impl<'a> Trait for Type<'a>` begins as `impl Trait for Type<'a>`.
fn strip_lifetimes(line: &str) -> String {
    match line
        .strip_prefix("impl<")
        .and_then(|rest| rest.split_once("> "))
    {
        Some((_, rest)) => format!("impl {rest}"),
        None => line.into(),
    }
}
