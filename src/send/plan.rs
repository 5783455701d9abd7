//! A request whose every part is settled, but for its date and signature.

use std::prelude::rust_2024::*;

use super::body::Measured;
use super::request::RequestBuilder;
use super::{SendError, content};
use crate::signing::{Date, Request, Rules, Signed, Signer, SigningKeys};
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
}

pub(super) struct Header {
    pub name: String,
    pub value: String,
    pub is_signed: bool,
}

impl Plan {
    pub fn new(mut request: RequestBuilder) -> Result<Self, SendError> {
        let mut url = Url::parse(&request.url)?;
        for (name, value) in &request.query {
            url.add_query_pair(name, value);
        }
        let mut given_date = None;
        let mut headers = Vec::with_capacity(request.headers.len() + 1);
        for (name, value) in &request.headers {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "host" => {
                    request.sign_host.get_or_insert_with(|| value.trim().into());
                    continue;
                }
                "x-amz-date" => given_date = Some(Date::parse(value.trim())?),
                _ => check_name(&name)?,
            }
            let is_signed = name == "content-type"
                || name.starts_with("x-amz-")
                || request.signed_headers.contains(&name);
            let value = one_space(value);
            headers.push(Header {
                name,
                value,
                is_signed,
            });
        }
        let has_content_type = headers.iter().any(|header| header.name == "content-type");
        let is_ndjson = content::is_ndjson(url.path());
        if is_ndjson {
            request.body.end_line();
        }
        if !has_content_type && request.default_content_type && !request.body.is_empty() {
            headers.push(Header {
                name: "content-type".into(),
                value: content::content_type(url.path()).into(),
                is_signed: true,
            });
        }
        let host = match &request.sign_host {
            Some(host) => host.to_ascii_lowercase(),
            None => url.host_header(),
        };
        let (region, service) = scope(&request, &host)?;
        let mut rules = request
            .rules
            .unwrap_or_else(|| Rules::for_service(&service));
        rules.content_sha256_header |= request.content_sha256;
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
        };
        // Everything that can be wrong is found before a long body is read.
        plan.with_request(|_| ())?;
        plan.body = request.body.measure(is_ndjson)?;
        Ok(plan)
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
fn one_space(value: &str) -> String {
    let mut words = value.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut out = String::from(words.next().unwrap_or_default());
    for word in words {
        out.push(' ');
        out.push_str(word);
    }
    out
}
