//! The clients that vendors begin with, as they stand in `clients/`, each through a till's day: with an answer that
//! gets lost on its way, and at a store whose line is down.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use purser_demo::Process;

use super::{
    till::Till,
    town::{Points, Town, await_off_line, points, sales},
};

#[test]
fn curl() {
    assert_there("curl");
    plays_a_day("bash", "curl/till.sh");
}

#[test]
fn python() {
    plays_a_day("python3", "python/till.py");
}

#[test]
fn javascript() {
    plays_a_day("node", "javascript/till.mjs");
}

fn plays_a_day(program: &str, script: &str) {
    assert_there(program);
    let town = Town::found(2);
    let lossy = losing_a_checkout(town.stores[0].api().unwrap().address());
    let said = run(program, script, &format!("http://{lossy}"), &town.stores[0]);
    let [registered, quoted, lost, replayed, sold, redeemed, returned, balance] = lines(&said);
    let member = registered.split(' ').nth(1).unwrap().to_owned();
    assert!(registered.starts_with("registered mbr_") && registered.contains(" with card 6688"), "{said}");
    assert_eq!(quoted, "to pay 300.00, brings 300 points");
    assert!(
        lost.starts_with("no answer (") && lost.ends_with("): the same again, under the same key"),
        "{said}"
    );
    assert_eq!(replayed, "it had been done already: this is the answer that was lost");
    assert!(sold.starts_with("sold sale_") && sold.ends_with(" for 300.00, 300 points"), "{said}");
    assert_eq!(redeemed, "redeemed 300 points: 47.00 to pay");
    assert_eq!(returned, "returned: 44.00 to give back, 44 points taken back");
    assert_eq!(balance, "balance 6 points, 6 of them here");
    assert_eq!(points(&town.stores[0], &member), Points { balance: 6, here: 6 });
    assert_eq!(sales(&town.stores[0]), (2, 35_000), "the basket whose answer was lost is sold once");

    // At a store that is cut off: the points earned there are there, the others are not.
    Till::at(&town.stores[0], "9").sell(&member, 1_000);
    town.settle();
    town.lines[1].cut();
    await_off_line(&town.stores[1]);
    let said = run(program, script, town.stores[1].api().unwrap().base_url(), &town.stores[1]);
    let [found, _, _, refused, redeemed, _, balance] = lines(&said);
    assert_eq!(found, format!("found {member}"));
    assert_eq!(refused, "refused: 300 of 1306 points can be had here (off_line)");
    assert_eq!(redeemed, "redeemed 300 points: 47.00 to pay");
    assert_eq!(balance, "balance 1012 points, 6 of them here");
    town.lines[1].heal();
    town.settle();
    town.assert_balance(&member, 1_012);
    town.audit();
}

fn run(program: &str, script: &str, url: &str, store: &Process) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients").join(script);
    let output = Command::new(program)
        .args([script.as_os_str(), url.as_ref(), store.dir().join("api-token").as_os_str(), "7".as_ref()])
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONIOENCODING", "utf-8")
        .output()
        .unwrap();
    let (said, complained) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {}: {said}{complained}", script.display());
    said
}

fn lines<const N: usize>(said: &str) -> [&str; N] {
    said.lines().collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("not {N} lines: {said}"))
}

/// Whether a program that a client needs can be run.
fn assert_there(program: &str) {
    let output = Command::new(program).arg("--version").output();
    assert!(
        output.is_ok_and(|output| output.status.success()),
        "the tests of the clients need {program}: install it (README.md lists what the tests need)"
    );
}

/// A way to a store on which the first answer to a checkout is lost: the sale is made, and the till hears nothing.
fn losing_a_checkout(store: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let lost = Arc::new(AtomicBool::new(false));
    thread::spawn(move || {
        for till in listener.incoming().map_while(Result::ok) {
            let lost = Arc::clone(&lost);
            // A till that hangs up meanwhile is no concern of the way.
            thread::spawn(move || drop(pass_on(till, store, &lost)));
        }
    });
    address
}

/// Passes on one request and its answer, and hangs up.
fn pass_on(mut till: TcpStream, store: SocketAddr, lost: &AtomicBool) -> io::Result<()> {
    let request = read_request(&mut till)?;
    let mut way = TcpStream::connect(store)?;
    way.write_all(&request)?;
    let mut answer = Vec::new();
    way.read_to_end(&mut answer)?;
    let is_checkout = request.starts_with(b"POST /v1/checkouts ");
    if is_checkout && !lost.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    till.write_all(&answer)
}

/// A request with its body, and the wish that the answer is the last on its connection.
fn read_request(till: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut more = [0; 4096];
    loop {
        let read = till.read(&mut more)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&more[..read]);
        let Some(head) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        if bytes.len() == head + 4 + length {
            bytes.splice(head..head, *b"\r\nConnection: close");
            return Ok(bytes);
        }
    }
}
