//! Signing into buffers that are kept allocates nothing, with a kept key and without.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use sigv4_kit::Credentials;
use sigv4_kit::signing::{Date, Payload, Presigned, Request, Signed, Signer, SigningKeys};

/// Counts what the thread that asks allocates.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    COUNT.with(|count| count.set(count.get() + 1));
}

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const HEADERS: [(&str, &str); 5] = [
    ("Host", "search-x.us-east-1.es.amazonaws.com"),
    ("Content-Type", "application/json"),
    ("X-Opaque-Id", "7f3a9c52  4be1"),
    ("accept", "a"),
    ("Accept", "b"),
];
const QUERY: &str = "size=50&sort=_doc&q=a%20b+c&q=a*b&&v&p[0]=%7e&%C3%A9=x";

fn request(payload: Payload<'_>) -> Request<'_> {
    Request::new("POST", "/logs-*//_doc/../%41é", QUERY, &HEADERS, payload).unwrap()
}

fn credentials() -> Credentials {
    let token = "IQoJb3JpZ2luX2Vj+/=".repeat(48);
    Credentials::new("ASIAEXAMPLE", SECRET)
        .unwrap()
        .with_session_token(&token)
        .unwrap()
}

#[test]
fn the_header_form_allocates_nothing_into_kept_buffers() {
    let credentials = credentials();
    for service in ["es", "s3"] {
        let signer = Signer::new(&credentials, "us-east-1", service).unwrap();
        let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
        let mut sign = |seconds, payload| {
            let date = Date::from_unix_seconds(seconds).unwrap();
            signer
                .sign_into(&request(payload), date, &mut keys, &mut signed)
                .unwrap();
            signed.authorization().len()
        };
        let payloads = [
            Payload::Bytes(b"{}"),
            Payload::Unsigned,
            Payload::Sha256([7; 32]),
        ];
        // Buffers grow once, to the longest of the texts.
        let first = allocations(|| {
            payloads
                .iter()
                .for_each(|&payload| _ = sign(1_440_938_160, payload))
        });
        assert!(first > 0, "the counter counts");
        for payload in payloads {
            let kept = allocations(|| _ = sign(1_440_938_161, payload));
            assert_eq!(kept, 0, "{service}, with a kept key");
        }
    }
}

#[test]
fn deriving_the_key_allocates_nothing_into_kept_buffers() {
    let credentials = credentials();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let date = Date::parse("20150830T123600Z").unwrap();
    let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
    let request = request(Payload::Bytes(b"{}"));
    signer
        .sign_into(&request, date, &mut keys, &mut signed)
        .unwrap();
    let cold = allocations(|| {
        keys.clear();
        signer
            .sign_into(&request, date, &mut keys, &mut signed)
            .unwrap();
    });
    assert_eq!(cold, 0);
}

#[test]
fn a_key_that_gives_way_leaves_its_buffers_to_the_next() {
    let credentials = credentials();
    let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let mut sign_on_day = |day: i64| {
        let date = Date::from_unix_seconds(day * 86_400).unwrap();
        let request = request(Payload::Bytes(b""));
        allocations(|| {
            signer
                .sign_into(&request, date, &mut keys, &mut signed)
                .unwrap()
        })
    };
    for day in 0..SigningKeys::CAPACITY as i64 {
        sign_on_day(day);
    }
    for day in 100..120 {
        assert_eq!(sign_on_day(day), 0, "day {day}");
    }
}

#[test]
fn the_query_form_allocates_nothing_into_kept_buffers() {
    let credentials = credentials();
    for service in ["es", "s3", "iotdevicegateway"] {
        let signer = Signer::new(&credentials, "us-east-1", service).unwrap();
        let date = Date::parse("20150830T123600Z").unwrap();
        let (mut keys, mut presigned) = (SigningKeys::new(), Presigned::default());
        let request = request(Payload::Bytes(b""));
        signer
            .presign_into(&request, date, 604_800, &mut keys, &mut presigned)
            .unwrap();
        for expires in [1, 604_800] {
            let kept = allocations(|| {
                signer
                    .presign_into(&request, date, expires, &mut keys, &mut presigned)
                    .unwrap();
            });
            assert_eq!(kept, 0, "{service}");
        }
    }
}
