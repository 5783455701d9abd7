//! HTTP requests as text, split by hand: a URL parser would change what the AWS suite is about.

/// One request, in parts.
#[derive(Clone, PartialEq)]
pub struct WireRequest {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl WireRequest {
    /// `METHOD target[ HTTP/1.1]`, headers, an empty line, the body. A folded line joins with a space.
    pub fn parse(text: &str) -> WireRequest {
        let (request_line, mut rest) = text.split_once('\n').unwrap_or((text, ""));
        let request_line = request_line
            .strip_suffix(" HTTP/1.1")
            .unwrap_or(request_line);
        let (method, target) = request_line
            .split_once(' ')
            .expect("a request line has a method and a target");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        while !rest.is_empty() {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            rest = after;
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = headers.last_mut().expect("a folded line follows a header");
                value.push(' ');
                value.push_str(line.trim_matches([' ', '\t']));
                continue;
            }
            let (name, value) = line
                .split_once(':')
                .unwrap_or_else(|| panic!("{line:?} is no header"));
            headers.push((name.to_owned(), value.to_owned()));
        }
        WireRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: rest.as_bytes().to_vec(),
        }
    }

    /// The headers as a set, names in lower case, white space around values removed.
    pub fn header_set(headers: &[(String, String)]) -> Vec<String> {
        headers
            .iter()
            .map(|(name, value)| {
                format!(
                    "{}:{}",
                    name.to_ascii_lowercase(),
                    value.trim_matches([' ', '\t'])
                )
            })
            .collect()
    }

    /// The parameters as a set, percent-decoded.
    pub fn parameter_set(query: &str) -> Vec<String> {
        let decode = |text: &str| {
            String::from_utf8_lossy(
                &percent_encoding::percent_decode_str(text).collect::<Vec<u8>>(),
            )
            .into_owned()
        };
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                format!("{}={}", decode(name), decode(value))
            })
            .collect()
    }
}
