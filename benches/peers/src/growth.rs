//! Cost for 10, 100, 1,000 and 10,000 query parameters and headers: it must grow with their number, not faster.

use std::hint::black_box;

use sigv4_kit::Credentials;
use sigv4_kit::signing::{Date, Payload, Request, Signed, Signer, SigningKeys};

use crate::timing::{Contender, measure};

const COUNTS: [usize; 4] = [10, 100, 1_000, 10_000];

pub fn print(rounds: usize) {
    println!();
    println!("| grows with | 10 | 100 | 1,000 | 10,000 | (ns each) |");
    println!("|---|---|---|---|---|---|");
    let credentials =
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    // Scattered names: 7919 is prime, so the order given is far from sorted.
    let names = |count: usize| (0..count).map(move |i| format!("p{:05}", i * 7919 % 100_003));
    let queries = COUNTS.map(|count| {
        names(count)
            .map(|name| format!("{name}=v%20w"))
            .collect::<Vec<_>>()
            .join("&")
    });
    let headers = COUNTS.map(|count| {
        names(count)
            .map(|name| (name, "value".to_string()))
            .collect::<Vec<_>>()
    });
    let with_query = queries
        .each_ref()
        .map(|query| contender(&credentials, query, Vec::new()));
    let with_headers = headers.each_ref().map(|headers| {
        contender(
            &credentials,
            "",
            headers
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect(),
        )
    });
    for (title, contenders) in [("query parameters", with_query), ("headers", with_headers)] {
        let ns = contenders.map(|contender| measure(&mut [contender], rounds, 1)[0]);
        let each: Vec<String> = ns
            .iter()
            .zip(COUNTS)
            .map(|(ns, count)| format!("{:.0}", ns / count as f64))
            .collect();
        println!("| {title} | {} | |", each.join(" | "));
    }
}

fn contender<'a>(
    credentials: &'a Credentials,
    query: &'a str,
    mut headers: Vec<(&'a str, &'a str)>,
) -> Contender<'a> {
    headers.push(("host", "example.amazonaws.com"));
    let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
    Box::new(move || {
        let request = Request::new("GET", "/", query, &headers, Payload::Bytes(b"")).unwrap();
        let date = Date::from_unix_seconds(1_440_938_160).unwrap();
        let signer = Signer::new(credentials, "us-east-1", "service").unwrap();
        signer
            .sign_into(&request, date, &mut keys, &mut signed)
            .unwrap();
        black_box(signed.authorization());
    })
}
