use std::{
    env,
    ffi::OsString,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use purser_node::{run_parsed, say};

use crate::{
    City, CityError, Options, interruption, stage,
    tale::{SHOPS, Tale},
};

/// A city on this machine: a hub and three shops as processes of their own, and what becomes of
/// the members' points when the lines between them are cut. Takes less than a minute.
///
/// `purser-demo node …` and `purser-demo hub …` are the command lines of a store and a hub.
#[derive(Debug, Parser)]
#[command(name = "purser-demo", version)]
struct Demo {
    /// Keeps the city up afterwards, to try things by hand, until ctrl-c.
    #[arg(long)]
    stay: bool,
}

/// How often the demo looks for a signal while it stays.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Runs the demo; succeeds only if everything came out as it should.
pub(crate) fn demonstrate(args: impl Iterator<Item = OsString>) -> ExitCode {
    run_parsed(args, |demo: Demo| {
        interruption::listen()?;
        // The city is gone when this is over: its processes are killed, its files removed.
        let ended = run(&demo);
        // On a terminal the processes get the signal too: whatever fails then, fails because of it.
        interruption::exit_code().map_or_else(|| Ok(ended?), Ok)
    })
}

fn run(demo: &Demo) -> Result<ExitCode, CityError> {
    let began = Instant::now();
    let executable = env::current_exe().map_err(CityError::system("find this program"))?;
    say("PURSER · one membership scheme for a city of shops, line or no line");
    let city = City::launch(&executable, SHOPS.len(), options())?;
    introduce(&city, began)?;
    let mut tale = Tale::new(city);
    tale.register()?;
    tale.buy()?;
    tale.cut()?;
    tale.go_on()?;
    tale.heal()?;
    let (city, surprises) = tale.end();
    say("");
    for surprise in &surprises {
        stage::tell(&format!("NOT AS IT SHOULD BE: {surprise}"));
    }
    if surprises.is_empty() {
        stage::tell(&format!("Everything came out as it should, in {}.", stage::time(began.elapsed())));
    }
    if demo.stay {
        invite_to_try(&city)?;
        loop {
            interruption::check()?;
            thread::sleep(LOOK_AGAIN);
        }
    }
    city.stop()?;
    Ok(if surprises.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn options() -> Options {
    Options {
        names: SHOPS.iter().map(|(chinese, english)| format!("{chinese} {english}")).collect(),
        city: "Jinan 济南".to_owned(),
        ..Options::default()
    }
}

fn introduce(city: &City, began: Instant) -> Result<(), CityError> {
    let mut rows = Vec::new();
    for process in city.processes() {
        rows.push(vec![process.name().to_owned(), process.api()?.base_url().to_owned()]);
    }
    say("");
    stage::table(&rows);
    stage::tell(&format!(
        "Four processes, up after {}; between them QUIC, over lines that can be cut.",
        stage::time(began.elapsed())
    ));
    Ok(())
}

/// Says how to try things by hand.
fn invite_to_try(city: &City) -> Result<(), CityError> {
    say("\nThe city stays up until ctrl-c. Tokens, one for each process:");
    for process in city.processes() {
        let api = process.api()?;
        say(&format!(
            "\n# {}, {}\n{} {}",
            process.name(),
            process.dir().display(),
            api.base_url(),
            api.token()
        ));
    }
    let api = city.stores[0].api()?;
    say(&format!("\nFor example, who is a member, as {} knows:\n", city.stores[0].name()));
    say(&format!(
        "curl -s -H 'Authorization: Bearer {}' \\\n  '{}/v1/members?limit=5'\n",
        api.token(),
        api.base_url()
    ));
    Ok(())
}
