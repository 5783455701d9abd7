//! Running the command with an environment of its own.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use sigv4_kit::Credentials;
use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{Answer, Gate, Handler, Index, Received, Server};

pub const KEY_ID: &str = "AKIDEXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A command line, to be completed and run.
pub struct Sigv4 {
    command: Command,
    input: Vec<u8>,
}

/// What came of it.
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub bytes: Vec<u8>,
}

/// `sigv4` with these arguments, split at blanks, and the example key in an otherwise empty environment.
pub fn sigv4(line: &str) -> Sigv4 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigv4"));
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .args(line.split_whitespace());
    Sigv4 {
        command,
        input: Vec::new(),
    }
}

impl Sigv4 {
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without_key(mut self) -> Self {
        self.command.env_remove("AWS_ACCESS_KEY_ID");
        self.command.env_remove("AWS_SECRET_ACCESS_KEY");
        self
    }

    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    pub fn run(mut self) -> Outcome {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        let writer = std::thread::spawn(move || {
            // A command that does not read its input closes it.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8(output.stderr).unwrap(),
            bytes: output.stdout,
        }
    }
}

impl Outcome {
    /// The standard output of a success that said nothing else.
    pub fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// The standard error of a failure with this exit code.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// An endpoint that verifies for service es in eu-west-1, and what it received.
pub struct Endpoint {
    pub server: Server,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Endpoint {
    pub fn opensearch() -> Self {
        let index = Index::default();
        Endpoint::behind_gate(Arc::new(move |received: &Received| index.answer(received)))
    }

    /// What passes the gate is answered with this.
    pub fn behind_gate(handler: Handler) -> Self {
        let credentials = Credentials::new(KEY_ID, SECRET).unwrap();
        let gate = Gate::new(credentials, "eu-west-1", "es", Clock::system());
        Endpoint::of(Arc::new(move |received: &Received| {
            match gate.verify(received) {
                Ok(_) => handler(received),
                Err(refusal) => refusal,
            }
        }))
    }

    /// Every request is answered with this.
    pub fn answering(answer: Answer) -> Self {
        Endpoint::of(Arc::new(move |_: &Received| answer.clone()))
    }

    /// Every request is handed to this.
    pub fn of(handler: Handler) -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        let server = Server::start(Arc::new(move |request: &Received| {
            log.lock().unwrap().push(request.clone());
            handler(request)
        }))
        .unwrap();
        Endpoint { server, received }
    }

    /// `METHOD URL` and what signs for this endpoint.
    pub fn line(&self, method: &str, path: &str) -> String {
        format!(
            "{method} {}{path} --service es --region eu-west-1",
            self.server.url()
        )
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// A directory that is gone after the test.
pub struct Directory(pub std::path::PathBuf);

impl Directory {
    pub fn new(name: &str) -> Self {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> std::path::PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The names in it, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
