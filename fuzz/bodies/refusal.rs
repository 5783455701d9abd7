//! Refusals: any answer is read without harm, and no secret comes out.
//!
//! Lines: status, headers, an empty line, the body.

use sigv4_kit::diagnose::{
    Refusal, bulk_summary, canonical_diff, explain_refusal, ids, measured_skew,
};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.split('\n');
    let status = lines
        .next()
        .and_then(|line| line.parse().ok())
        .unwrap_or(403);
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    _ = bulk_summary(body.as_bytes());
    _ = canonical_diff(head, body);
    _ = measured_skew(&headers, 1_440_938_160, 1_440_938_161);
    for service in ["es", "s3", "sts", ""] {
        let refusal = Refusal {
            status,
            headers: &headers,
            body: body.as_bytes(),
            service,
            region: "us-east-1",
            host: "search-x.us-east-1.es.amazonaws.com",
            canonical_request: Some("GET\n/\n\nhost:h\n\nhost\ne3b0"),
            string_to_sign: Some("AWS4-HMAC-SHA256\n20150830T123600Z\nscope\nhash"),
            signed_at: Some(1_440_938_160),
            ..Refusal::default()
        };
        if let Some(diagnosis) = explain_refusal(&refusal) {
            assert!(ids().any(|id| id == diagnosis.id), "{}", diagnosis.id);
            assert!(!diagnosis.cause.is_empty() && !diagnosis.fix.is_empty());
        }
    }
}
