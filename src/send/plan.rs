//! A request whose every part is settled, but for its date and signature.

use std::mem;
use std::prelude::rust_2024::*;

use super::measured::{Measured, Treatment};
use super::progress::Watch;
use super::request::RequestBuilder;
use super::{Body, Note, SendError, content};
use crate::signing::{Date, Payload, Request, Rules, Signed, Signer, SigningKeys};
use crate::url::Url;
use crate::{Credentials, endpoint};

/// What every attempt has in common.
pub(super) struct Plan {
    pub method: String,
    pub url: Url,
    /// The Host header; never among `headers`.
    pub host: String,
    /// Lowercase names, values as sent.
    pub headers: Vec<Header>,
    pub body: Measured,
    pub region: String,
    pub service: String,
    pub rules: Rules,
    /// Whether the caller chose the rules.
    pub fixed_rules: bool,
    pub given_date: Option<Date>,
    /// Whether the caller says that sending twice does no harm.
    pub idempotent: bool,
    /// Whether a redirect led to another host.
    pub unsigned: bool,
    /// Whether a compressed answer is decompressed.
    pub gunzip: bool,
    pub watch: Watch,
    /// What was changed before the first attempt.
    pub notes: Vec<Note>,
}

pub(super) struct Header {
    pub name: String,
    pub value: String,
    pub is_signed: bool,
}

impl Header {
    fn signed(name: &str, value: String) -> Self {
        Header {
            name: name.into(),
            value,
            is_signed: true,
        }
    }
}

/// The signing name of OpenSearch Serverless, which refuses PUT for `_bulk`.
const SERVERLESS: &str = "aoss";

impl Plan {
    pub fn new(mut request: RequestBuilder) -> Result<Self, SendError> {
        let mut url = Url::parse(&request.url)?;
        for (name, value) in &request.query {
            url.add_query_pair(name, value);
        }
        let (headers, given_date) = headers(&mut request)?;
        let host = match &request.sign_host {
            Some(host) => host.to_ascii_lowercase(),
            None => url.host_header(),
        };
        let (region, service) = scope(&request, &host)?;
        let mut rules = request
            .rules
            .unwrap_or_else(|| Rules::for_service(&service));
        rules.content_sha256_header |= request.content_sha256;
        let treatment = Treatment {
            final_newline: content::is_ndjson(url.path()),
            compress: request.compress && content::may_be_compressed(url.path()),
            watch: request.watch,
        };
        let mut plan = Plan {
            method: request.method,
            url,
            host,
            headers,
            body: Measured::empty(),
            region,
            service,
            rules,
            fixed_rules: request.rules.is_some(),
            given_date,
            idempotent: request.idempotent,
            unsigned: false,
            gunzip: request.accept_compressed,
            watch: treatment.watch.clone(),
            notes: Vec::new(),
        };
        plan.choose_method(&request.body, request.search_post);
        // What can be wrong is found before a long body is read; in any case before it is signed.
        if request.body.is_elsewhere() {
            plan.with_request(|_| ())?;
        }
        plan.body = Measured::new(request.body, &treatment)?;
        plan.settle_payload()?;
        if plan.body.length > 0 {
            plan.add_body_headers(request.default_content_type, treatment.compress);
        }
        Ok(plan)
    }

    /// A method that the service would refuse is replaced, and that is told.
    fn choose_method(&mut self, body: &Body, search_post: bool) {
        let path = self.url.path();
        let to = match self.method.as_str() {
            "PUT" if self.service == SERVERLESS && content::is_bulk(path) => "POST",
            "GET" if search_post && !body.is_empty() && content::is_search(path) => "POST",
            _ => return,
        };
        let from = mem::replace(&mut self.method, to.into());
        self.notes.push(Note::MethodChanged { from, to });
    }

    /// What the service does not take is refused; what it takes only unsigned is not signed.
    fn settle_payload(&mut self) -> Result<(), SendError> {
        if self.rules.payload_unsigned_only && !self.body.payload.is_streaming() {
            self.body.payload = Payload::Unsigned;
        }
        let is_hashed = matches!(self.body.payload, Payload::Bytes(_) | Payload::Sha256(_));
        match is_hashed || self.fixed_rules || self.rules.presigned_payload_unsigned {
            true => Ok(()),
            false => Err(SendError::Unprotected {
                service: self.service.clone(),
            }),
        }
    }

    fn add_body_headers(&mut self, content_type: bool, compressed: bool) {
        if content_type && !self.has_header("content-type") {
            let value = content::content_type(self.url.path());
            self.headers
                .push(Header::signed("content-type", value.into()));
        }
        if compressed {
            self.headers.push(Header {
                name: "content-encoding".into(),
                value: "gzip".into(),
                is_signed: false,
            });
        }
        for (name, mut value) in self.body.headers() {
            // The encoding of the content itself stands after that of its transfer.
            let same = |header: &&mut Header| header.name == name && name == "content-encoding";
            if let Some(given) = self.headers.iter_mut().find(same) {
                value.push(',');
                value.push_str(&given.value);
                *given = Header::signed(name, value);
            } else {
                self.headers.push(Header::signed(name, value));
            }
        }
    }

    /// Signs: what every attempt does anew.
    pub fn sign_into(
        &self,
        credentials: &Credentials,
        date: Date,
        keys: &mut SigningKeys,
        signed: &mut Signed,
    ) -> Result<(), SendError> {
        let signer = Signer::new(credentials, &self.region, &self.service)?.with_rules(self.rules);
        self.with_request(|request| signer.sign_into(&request, date, keys, signed))??;
        Ok(())
    }

    /// Every header to send but `content-length` and `user-agent`.
    pub fn wire_headers<'a>(
        &'a self,
        signed: Option<&'a Signed>,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        let host = ("host", self.host.as_str());
        let given = self.headers.iter();
        std::iter::once(host)
            .chain(given.map(|header| (header.name.as_str(), header.value.as_str())))
            .chain(signed.into_iter().flat_map(Signed::headers).map(borrowed))
    }

    /// The host that is signed, without its port.
    pub fn bare_host(&self) -> &str {
        match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => &self.host,
        }
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name == name)
    }

    fn with_request<T>(&self, then: impl FnOnce(Request<'_>) -> T) -> Result<T, SendError> {
        let host = ("host", self.host.as_str());
        let signed = self.headers.iter().filter(|header| header.is_signed);
        let headers: Vec<(&str, &str)> = std::iter::once(host)
            .chain(signed.map(|header| (header.name.as_str(), header.value.as_str())))
            .collect();
        let request = Request::new(
            &self.method,
            self.url.path(),
            self.url.query(),
            &headers,
            self.body.payload,
        )?;
        Ok(then(request))
    }
}

/// A header with a static name as one that is merely borrowed.
fn borrowed<'a>((name, value): (&'static str, &'a str)) -> (&'a str, &'a str) {
    (name, value)
}

/// The caller's headers as they go out, and the date among them; a host among them becomes the host to sign.
fn headers(request: &mut RequestBuilder) -> Result<(Vec<Header>, Option<Date>), SendError> {
    let mut date = None;
    let mut headers = Vec::with_capacity(request.headers.len() + 2);
    for (mut name, value) in mem::take(&mut request.headers) {
        name.make_ascii_lowercase();
        match name.as_str() {
            "host" => {
                request.sign_host.get_or_insert_with(|| value.trim().into());
                continue;
            }
            "x-amz-date" => date = Some(Date::parse(value.trim())?),
            _ => check_name(&name)?,
        }
        let is_signed = name == "content-type"
            || name.starts_with("x-amz-")
            || request.signed_headers.contains(&name);
        headers.push(Header {
            name,
            value: one_space(value),
            is_signed,
        });
    }
    if request.accept_compressed {
        headers.push(Header {
            name: "accept-encoding".into(),
            value: "gzip".into(),
            is_signed: false,
        });
    }
    Ok((headers, date))
}

/// Region and service: the request's, the client's, the host's, the configured region.
fn scope(request: &RequestBuilder, host: &str) -> Result<(String, String), SendError> {
    let client = &request.client.0;
    let region = request.region.as_ref().or(client.region.as_ref());
    let service = request.service.as_ref().or(client.service.as_ref());
    if let (Some(region), Some(service)) = (region, service) {
        return Ok((region.clone(), service.clone()));
    }
    let inferred = endpoint::infer(host);
    if let Some(inferred) = inferred.as_ref().filter(|_| service.is_none()) {
        inferred.require_v4()?;
    }
    let region = match (region, &inferred) {
        (Some(region), _) => Some(region.clone()),
        (None, Some(scope)) => match &scope.region {
            endpoint::Region::Known(region) => Some(region.clone()),
            endpoint::Region::Unknown { .. } => {
                let configured = client.identity.region()?;
                Some(scope.region(configured.as_deref()).into())
            }
        },
        (None, None) => client.identity.region()?,
    };
    let service = service.cloned().or(inferred.map(|scope| scope.service));
    match (region, service) {
        (Some(region), Some(service)) => Ok((region, service)),
        (region, service) => Err(SendError::NoScope {
            host: host.into(),
            region: region.is_none(),
            service: service.is_none(),
        }),
    }
}

/// Headers that would make the request on the wire another than the one that is signed.
fn check_name(name: &str) -> Result<(), SendError> {
    let allowed = match name {
        "content-length" | "transfer-encoding" => "is written by the client, from the body",
        "expect" | "te" | "trailer" | "upgrade" | "keep-alive" | "proxy-connection" => {
            "cannot be sent by this client"
        }
        "authorization" => "is written by the client; a request can be signed once",
        _ => return Ok(()),
    };
    Err(SendError::Header {
        name: name.into(),
        allowed,
    })
}

/// The value without outer blanks, each run of them inside made one space: as it is signed, so it is sent.
fn one_space(value: String) -> String {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let bytes = value.as_bytes();
    let outer = is_blank(bytes.first()) || is_blank(bytes.last());
    let run = || {
        bytes
            .windows(2)
            .any(|pair| is_blank(pair.first()) && is_blank(pair.last()))
    };
    if !(outer || bytes.contains(&b'\t') || run()) {
        return value;
    }
    let words = value.split([' ', '\t']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
