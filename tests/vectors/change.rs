//! One byte changed in one place of a signed request: none of these may verify.

use sigv4_kit::signing::{Date, Payload};

use crate::case::Case;
use crate::wire::WireRequest;

/// A signed request with one change, what the verifier knows, and why it may refuse.
pub struct Change {
    pub what: String,
    pub request: WireRequest,
    pub region: String,
    pub secret: String,
    pub now: Date,
    /// The names of the errors that are right.
    pub reasons: &'static [&'static str],
}

impl Change {
    /// The request as it was sent, at the moment of signing.
    pub fn none(
        case: &Case,
        signed: &WireRequest,
        what: &str,
        reasons: &'static [&'static str],
    ) -> Change {
        Change {
            what: what.to_owned(),
            request: signed.clone(),
            region: case.region.clone(),
            secret: case.credentials.secret_access_key().to_owned(),
            now: case.date,
            reasons,
        }
    }
}

const MISMATCH: &[&str] = &["SignatureMismatch"];

/// Every change that the signature of this case has to notice.
///
/// `signed` is the request as it was sent, `signed_headers` the names that its signature covers, `hashed_payload` the
/// last line of its canonical request.
pub fn changes(
    case: &Case,
    signed: &WireRequest,
    signed_headers: &[&str],
    hashed_payload: &str,
) -> Vec<Change> {
    let mut all = Changes {
        case,
        signed,
        made: Vec::new(),
    };
    all.add("method", MISMATCH, |request| {
        change_last(&mut request.method)
    });
    all.add("path", MISMATCH, |request| change_last(&mut request.path));
    all.add("query", MISMATCH, |request| {
        change_query(&mut request.query)
    });
    for name in signed_headers.iter().filter(|name| **name != "x-amz-date") {
        let reasons = match *name {
            "x-amz-content-sha256" => &["ContentSha256Mismatch", "ContentSha256Form"],
            _ => MISMATCH,
        };
        all.add(&format!("header {name}"), reasons, |request| {
            change_last(header(request, name))
        });
    }
    if let Some(Payload::Sha256(_)) = Payload::from_header(hashed_payload) {
        all.add(
            "body",
            &["ContentSha256Mismatch", "SignatureMismatch"],
            |request| match request.body.last_mut() {
                Some(byte) => *byte ^= 1,
                None => request.body.push(b'x'),
            },
        );
    }
    let edit_date = |request: &mut WireRequest, from_end: usize| {
        edit_parameter(case, request, "x-amz-date", "X-Amz-Date", |date| {
            flip_from_end(date, from_end)
        });
    };
    // A presigned URL that is good for one second and was signed earlier has expired.
    all.add(
        "date (second)",
        &["SignatureMismatch", "Expired"],
        |request| edit_date(request, 2),
    );
    all.add(
        "date (day)",
        &["DayMismatch", "Date(NoSuchDate)"],
        |request| edit_date(request, 9),
    );
    all.add("scope's day", &["DayMismatch"], |request| {
        edit_scope(case, request, case.date.day())
    });
    all.add("scope's region", &["Region"], |request| {
        edit_scope(case, request, &case.region)
    });
    all.add("scope's service", &["Service"], |request| {
        edit_scope(case, request, &case.service)
    });
    for digit in [1, 32, 64] {
        all.add(
            &format!("signature, digit {digit} from the end"),
            MISMATCH,
            |request| {
                edit_parameter(case, request, "authorization", "X-Amz-Signature", |text| {
                    flip_from_end(text, digit)
                });
            },
        );
    }
    if case.expires_seconds.is_some() {
        all.add("expiry", &["SignatureMismatch", "Expires"], |request| {
            edit_parameter(case, request, "", "X-Amz-Expires", |text| text.push('0'));
        });
    }
    all.add_what_the_verifier_knows();
    all.made
}

struct Changes<'a> {
    case: &'a Case,
    signed: &'a WireRequest,
    made: Vec<Change>,
}

impl Changes<'_> {
    fn add(
        &mut self,
        what: &str,
        reasons: &'static [&'static str],
        edit: impl Fn(&mut WireRequest),
    ) {
        let mut change = Change::none(self.case, self.signed, what, reasons);
        edit(&mut change.request);
        assert!(
            change.request != *self.signed,
            "{}: {what} changed nothing",
            self.case.name
        );
        self.made.push(change);
    }

    /// Another region or secret on the verifier's side.
    fn add_what_the_verifier_knows(&mut self) {
        let case = self.case;
        // Scope and verifier agree on the other region, so it is the signature that has to differ.
        self.add("region, on both sides", MISMATCH, |request| {
            edit_scope(case, request, &case.region)
        });
        change_last(&mut self.made.last_mut().expect("just added").region);
        let mut region = Change::none(case, self.signed, "the verifier's region", &["Region"]);
        change_last(&mut region.region);
        let mut secret = Change::none(case, self.signed, "the verifier's secret", MISMATCH);
        change_last(&mut secret.secret);
        self.made.extend([region, secret]);
    }
}

/// The first header of a name.
fn header<'a>(request: &'a mut WireRequest, name: &str) -> &'a mut String {
    let found = request
        .headers
        .iter_mut()
        .find(|(given, _)| given.eq_ignore_ascii_case(name));
    &mut found.unwrap_or_else(|| panic!("no header {name}")).1
}

/// A letter or digit at the end becomes another; otherwise there is one more.
fn change_last(text: &mut String) {
    match text.pop() {
        Some('0') => text.push('1'),
        Some(last) if last.is_ascii_alphanumeric() => text.push('0'),
        last => {
            text.extend(last);
            text.push('x');
        }
    }
}

/// Changes a parameter that is not the signature's own, or adds one.
fn change_query(query: &mut String) {
    let mut pairs: Vec<String> = query.split('&').map(str::to_owned).collect();
    match pairs
        .iter_mut()
        .find(|pair| !pair.is_empty() && !pair.starts_with("X-Amz-"))
    {
        Some(pair) => change_last(pair),
        None => pairs.insert(0, "x".to_owned()),
    }
    *query = pairs.join("&");
}

/// Another digit, so many bytes from the end.
fn flip_from_end(text: &mut String, distance: usize) {
    let place = text.len() - distance;
    let other = if &text[place..=place] == "0" {
        "1"
    } else {
        "0"
    };
    text.replace_range(place..=place, other);
}

/// Edits a value where this form keeps it: in a header, or in a parameter.
fn edit_parameter(
    case: &Case,
    request: &mut WireRequest,
    in_header: &str,
    in_query: &str,
    edit: impl Fn(&mut String),
) {
    if case.expires_seconds.is_none() {
        return edit(header(request, in_header));
    }
    let prefix = format!("{in_query}=");
    let mut pairs: Vec<String> = request.query.split('&').map(str::to_owned).collect();
    edit(
        pairs
            .iter_mut()
            .find(|pair| pair.starts_with(&prefix))
            .unwrap_or_else(|| panic!("no {in_query}")),
    );
    request.query = pairs.join("&");
}

/// Changes the last byte of one part of the credential scope.
fn edit_scope(case: &Case, request: &mut WireRequest, part: &str) {
    let mut other = part.to_owned();
    change_last(&mut other);
    edit_parameter(case, request, "authorization", "X-Amz-Credential", |text| {
        let slash = if case.expires_seconds.is_some() {
            "%2F"
        } else {
            "/"
        };
        let [old, new] = [part, &other].map(|part| format!("{slash}{part}{slash}"));
        *text = text.replacen(&old, &new, 1);
    });
}
