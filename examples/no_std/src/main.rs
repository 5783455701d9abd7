//! Signs a request without std: a panic handler and an allocator are all that the signing core asks of its host.
//!
//! The process's status is 0 if the signature is the documented one. `scripts/check-no-std` builds, inspects and runs it.
#![no_std]
#![no_main]

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

use sigv4_kit::Credentials;
use sigv4_kit::signing::{Date, Payload, Request, Signer};

// What calls `main`, and `memcpy` and its like: the only things that come from outside.
#[link(name = "c")]
unsafe extern "C" {}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    const EXPECTED: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    match signature() {
        Some(matches) if matches(EXPECTED) => 0,
        _ => 1,
    }
}

fn signature() -> Option<impl Fn(&str) -> bool> {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let credentials = Credentials::new("AKIDEXAMPLE", secret).ok()?;
    let headers = [("host", "example.amazonaws.com")];
    let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b"")).ok()?;
    let signer = Signer::new(&credentials, "us-east-1", "service").ok()?;
    let date = Date::parse("20150830T123600Z").ok()?;
    let signed = signer.sign(&request, date).ok()?;
    Some(move |expected: &str| signed.authorization().ends_with(expected))
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Hands out a fixed arena from its start and takes nothing back.
struct Arena {
    used: AtomicUsize,
    bytes: core::cell::UnsafeCell<[u8; Arena::SIZE]>,
}

impl Arena {
    const SIZE: usize = 64 * 1024;
}

// SAFETY: every part of the arena is handed out once, since `used` only grows, in one atomic step.
unsafe impl Sync for Arena {}

// SAFETY: what is handed out lies within the arena, is aligned, and overlaps nothing handed out before.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.bytes.get() as usize;
        let mut offset = 0;
        let place = |used: usize| {
            offset = (start + used).next_multiple_of(layout.align()) - start;
            offset
                .checked_add(layout.size())
                .filter(|end| *end <= Arena::SIZE)
        };
        match self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, place)
        {
            // SAFETY: `offset` is within the arena, as `place` has checked.
            Ok(_) => unsafe { self.bytes.get().cast::<u8>().add(offset) },
            Err(_) => null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ARENA: Arena = Arena {
    used: AtomicUsize::new(0),
    bytes: core::cell::UnsafeCell::new([0; Arena::SIZE]),
};
