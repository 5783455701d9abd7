//! The shared config and credentials files, with a NUL between them.

use sigv4_kit::provider::Profiles;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (config, credentials) = text.split_once('\0').unwrap_or((text, text));
    let Ok(profiles) = Profiles::parse(config, credentials) else {
        return;
    };
    for name in profiles.names() {
        assert!(
            profiles.profile(name).is_some(),
            "{name:?} is named and not there"
        );
    }
    for name in profiles.sso_session_names() {
        assert!(
            profiles.sso_session(name).is_some(),
            "{name:?} is named and not there"
        );
    }
}
