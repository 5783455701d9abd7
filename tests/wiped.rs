//! Memory that is given back holds no secret, no signing key and no token of a value that says it wipes them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use sigv4_kit::Credentials;
use sigv4_kit::signing::{CredentialScope, Date, Payload, Request, Signed, Signer, SigningKey};
use sigv4_kit::signing::{PostPolicy, SigningKeys};

/// Looks through every block that is given back for what the thread watches. Growing moves, which is the worst case.
struct Watching;

thread_local! {
    static WATCHED: Cell<&'static [u8]> = const { Cell::new(&[]) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as promised by the caller. Zeroed, so that every byte may be read later.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let watched = WATCHED.with(Cell::get);
        if !watched.is_empty() {
            // SAFETY: the block is still allocated, and nobody else has it.
            let block = unsafe { std::slice::from_raw_parts(pointer, layout.size()) };
            if block.windows(watched.len()).any(|part| part == watched) {
                FOUND.with(|found| found.set(found.get() + 1));
            }
        }
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// How many blocks with these bytes the work gives back.
fn given_back(watched: &[u8], work: impl FnOnce()) -> usize {
    let before = FOUND.with(Cell::get);
    WATCHED.with(|cell| cell.set(watched.to_vec().leak()));
    work();
    WATCHED.with(|cell| cell.set(&[]));
    FOUND.with(Cell::get) - before
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

fn credentials(token: &str) -> Credentials {
    Credentials::new("ASIAEXAMPLE", SECRET)
        .unwrap()
        .with_session_token(token)
        .unwrap()
}

#[test]
fn what_is_not_wiped_is_found() {
    let text = String::from(SECRET);
    assert_eq!(given_back(SECRET.as_bytes(), || drop(text)), 1);
    let mut text = String::from(SECRET);
    let grown = given_back(SECRET.as_bytes(), || text.reserve(1000));
    assert_eq!(grown, 1);
}

#[test]
fn credentials_and_policies_are_wiped() {
    for watched in [SECRET, TOKEN] {
        let found = given_back(watched.as_bytes(), || {
            let credentials = credentials(TOKEN);
            let date = Date::parse("20150830T123600Z").unwrap();
            drop(PostPolicy::new(&credentials, "us-east-1", "s3", date));
            drop(credentials.clone());
        });
        assert_eq!(found, 0, "{watched}");
    }
}

#[test]
fn kept_keys_are_wiped_when_more_are_kept_and_when_they_give_way() {
    let credentials = credentials(TOKEN);
    let first = CredentialScope {
        day: "20150830",
        region: "us-east-1",
        service: "es",
    };
    let [.., (_, k_signing)] = SigningKey::chain(SECRET, &first);
    let headers = [("host", "h")];
    let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b"")).unwrap();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let sign = || {
        let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
        let start = Date::parse("20150830T123600Z").unwrap().unix_seconds();
        for day in 0..2 * SigningKeys::CAPACITY as i64 {
            let date = Date::from_unix_seconds(start + day * 86_400).unwrap();
            signer
                .sign_into(&request, date, &mut keys, &mut signed)
                .unwrap();
        }
        keys.clear();
    };
    assert_eq!(given_back(&k_signing[..], sign), 0, "the signing key");
    assert_eq!(given_back(SECRET.as_bytes(), sign), 0, "the secret");
}

#[test]
fn a_kept_token_is_wiped_before_a_longer_one_takes_its_place() {
    let (short, long) = (credentials(TOKEN), credentials(&TOKEN.repeat(9)));
    let date = Date::parse("20150830T123600Z").unwrap();
    // The canonical request, which is not wiped, does not grow after this.
    let filler = "x".repeat(2000);
    let wide = [("host", "h"), ("x-amz-meta-filler", &filler)];
    let narrow = [("host", "h")];
    let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
    let mut sign = |credentials: &Credentials, headers: &[(&str, &str)]| {
        let request = Request::new("GET", "/", "", headers, Payload::Bytes(b"")).unwrap();
        Signer::new(credentials, "us-east-1", "es")
            .unwrap()
            .sign_into(&request, date, &mut keys, &mut signed)
            .unwrap();
    };
    sign(&short, &wide);
    let found = given_back(TOKEN.as_bytes(), || sign(&long, &narrow));
    assert_eq!(found, 0);
}
