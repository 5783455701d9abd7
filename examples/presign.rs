//! Makes a URL with which anybody can fetch one object for ten minutes, and shows what the server refuses.
//!
//! `cargo run --example presign` prints:
//!
//! ```text
//! as presigned: 200
//! another object: 403
//! ten minutes later: 403
//! ```

use std::error::Error;
use std::sync::Arc;

use sigv4_kit::Credentials;
use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{Answer, Gate, Received, Server};
use sigv4_kit::signing::{Date, Payload, Request, Signer};
use sigv4_kit::url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    let gate = Gate::new(credentials.clone(), "eu-west-1", "s3", Clock::system());
    let server = Server::start(Arc::new(move |received: &Received| {
        let verified = gate.verify(received).map(|_| Answer::empty(200));
        verified.unwrap_or_else(|refusal| refusal)
    }))?;

    let now = Date::from_unix_seconds(Clock::system().now())?;
    let object = Url::parse(&format!("{}/bucket/report.txt", server.url()))?;
    let url = presigned(&credentials, &object, now)?;
    println!("as presigned: {}", fetch(&url)?);
    println!("another object: {}", fetch(&url.replace("report", "pay"))?);

    let earlier = Date::from_unix_seconds(now.unix_seconds() - 601)?;
    let late = presigned(&credentials, &object, earlier)?;
    println!("ten minutes later: {}", fetch(&late)?);
    Ok(())
}

/// The object's URL, good for 600 seconds from `date`.
fn presigned(key: &Credentials, object: &Url, date: Date) -> Result<String, Box<dyn Error>> {
    let host = object.host_header();
    let headers = [("host", host.as_str())];
    let (path, query) = (object.path(), object.query());
    let request = Request::new("GET", path, query, &headers, Payload::Unsigned)?;
    let presigned = Signer::new(key, "eu-west-1", "s3")?.presign(&request, date, 600)?;
    let url = object.clone().with_wire_query(presigned.query());
    Ok(url.to_string())
}

/// The status of a plain GET, as a browser or curl would send it.
fn fetch(url: &str) -> Result<u16, Box<dyn Error>> {
    let request = ureq::get(url).config().http_status_as_error(false).build();
    Ok(request.call()?.status().as_u16())
}
