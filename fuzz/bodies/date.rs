//! Dates: both constructors agree.

use sigv4_kit::signing::Date;

pub fn run(data: &[u8]) {
    if let Some(bytes) = data.first_chunk() {
        let unix_seconds = i64::from_le_bytes(*bytes);
        for seconds in [unix_seconds, unix_seconds >> 20, unix_seconds >> 28] {
            if let Ok(date) = Date::from_unix_seconds(seconds) {
                assert_eq!(date.unix_seconds(), seconds);
                assert_eq!(Date::parse(date.as_str()), Ok(date));
            }
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(date) = Date::parse(text) {
        assert_eq!(date.as_str(), text);
        assert_eq!(date.day(), &text[..8]);
        assert_eq!(Date::from_unix_seconds(date.unix_seconds()), Ok(date));
    }
}
