//! A shell that allows few open files: the sandbox takes what the system allows, its command gets what the shell said.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use crate::common::{Home, SandboxProcess, finish};

/// More than 64 descriptors, and few enough for those that are not accepted to wait in the system's queue of 128.
const CONNECTIONS: usize = 120;

/// The same command, from a shell that has done something first.
fn after(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{script} && exec \"$0\" \"$@\"")]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.current_dir(command.get_current_dir().unwrap()).stdin(std::process::Stdio::null());
    shell
}

/// How many of the connections are answered while all are open, when nobody has to wait for longer than this.
fn served(limit: &str, patience: Duration) -> usize {
    let home = Home::new();
    let sandbox = SandboxProcess::of(after(limit, &home.aig(&["sandbox", "up", "--output", "jsonl"])));
    let host = sandbox.ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let mut streams: Vec<TcpStream> = (0..CONNECTIONS).map(|_| TcpStream::connect(&host).unwrap()).collect();
    for stream in &mut streams {
        write!(stream, "GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
        stream.set_read_timeout(Some(patience)).unwrap();
    }
    let is_served = |stream: &mut TcpStream| {
        let mut status = [0; 12];
        stream.read_exact(&mut status).is_ok() && &status == b"HTTP/1.1 200"
    };
    // The last ones first: whoever is not served soon shall not make the others wait.
    streams.iter_mut().rev().map(is_served).take_while(|is_served| *is_served).count()
}

#[test]
fn a_sandbox_serves_more_connections_than_the_shell_allows_open_files() {
    assert_eq!(served("ulimit -Sn 64", Duration::from_secs(20)), CONNECTIONS);
}

/// The control: where the limit cannot be raised, the last ones wait.
#[test]
fn under_a_hard_limit_some_have_to_wait() {
    assert!(served("ulimit -n 64", Duration::from_millis(200)) < CONNECTIONS);
}

#[test]
fn a_command_gets_the_limit_that_the_shell_has() {
    let home = Home::new();
    let command = home.aig(&["sandbox", "exec", "--", "sh", "-c", "ulimit -Sn; ulimit -Hn"]);
    let (few, own) = (finish(&mut after("ulimit -Sn 64", &command)), finish(&mut after("true", &command)));
    assert_eq!(few.stdout.lines().next(), Some("64"), "{few:#?}");
    assert_eq!(few.stdout.lines().nth(1), own.stdout.lines().nth(1), "the hard limit is nobody's business");
}
