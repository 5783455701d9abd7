//! The six workloads, and what each must come to.

use serde_json::Value;

pub struct Workload {
    pub id: String,
    pub method: String,
    pub host: String,
    pub path: String,
    pub query: String,
    pub path_raw: String,
    pub query_raw: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub unsigned: bool,
    pub region: String,
    pub service: String,
    pub unix_seconds: i64,
    pub presigned: bool,
    pub expires_seconds: u32,
    pub content_sha256: bool,
    pub access_key: String,
    pub secret_key: String,
    pub session_token: Option<String>,
    pub canonical_request: String,
    pub string_to_sign: String,
    pub signature: String,
}

pub fn load() -> Vec<Workload> {
    let file: Value =
        serde_json::from_str(include_str!("../workloads.json")).expect("workloads.json is JSON");
    file["workloads"]
        .as_array()
        .expect("a list")
        .iter()
        .map(parse)
        .collect()
}

fn parse(value: &Value) -> Workload {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_string();
    let pairs = |key: &str| {
        let pair = |pair: &Value| {
            (
                pair[0].as_str().unwrap().to_string(),
                pair[1].as_str().unwrap().to_string(),
            )
        };
        value[key].as_array().unwrap().iter().map(pair).collect()
    };
    let expect = |key: &str| {
        value["expect"][key]
            .as_str()
            .unwrap_or_default()
            .to_string()
    };
    let body = match value["body"]["kind"].as_str().unwrap() {
        "text" => value["body"]["text"].as_str().unwrap().as_bytes().to_vec(),
        "bulk" => bulk(value["body"]["len"].as_u64().unwrap() as usize),
        _ => Vec::new(),
    };
    Workload {
        id: text("id"),
        method: text("method"),
        host: text("host"),
        path: text("path_wire"),
        query: text("query_wire"),
        path_raw: text("path_raw"),
        query_raw: pairs("query_raw"),
        headers: pairs("headers"),
        unsigned: value["body"]["kind"] == "unsigned",
        body,
        region: text("region"),
        service: text("service"),
        unix_seconds: value["unix"].as_i64().unwrap(),
        presigned: value["location"] == "query",
        expires_seconds: value["expires"].as_u64().unwrap_or(1) as u32,
        content_sha256: value["content_sha256_header"].as_bool().unwrap(),
        access_key: text("access_key"),
        secret_key: text("secret_key"),
        session_token: value["session_token"].as_str().map(str::to_string),
        canonical_request: expect("canonical_request"),
        string_to_sign: expect("string_to_sign"),
        signature: expect("signature"),
    }
}

fn bulk(length: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(length + 128);
    for i in 0.. {
        if body.len() >= length - 1 {
            break;
        }
        let document =
            format!("{{\"title\":\"Lorem ipsum dolor sit amet\",\"n\":{i},\"ok\":true}}\n");
        body.extend_from_slice(
            format!("{{\"index\":{{\"_id\":\"{i:08}\"}}}}\n{document}").as_bytes(),
        );
    }
    body.truncate(length - 1);
    body.push(b'\n');
    body
}
