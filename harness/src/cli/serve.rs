//! `scim-harness serve`: the embedded provider for others to use.

use std::{net::SocketAddr, time::Duration};

use clap::Args;
use scim_harness::{
    diagnostic::Diagnostic, embedded, fault, scenario::Version, stop::interrupted, trial::runtime,
};
use scim_provider::{Auth, Like, front};
use tokio::net::TcpListener;

use super::Outcome;

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Version of the protocol: 2.0 or 1.1
    #[arg(long, value_name = "VERSION", default_value_t = Version::V2)]
    scim: Version,
    /// Begin with so many users, and a few groups
    #[arg(long, value_name = "N", default_value_t = 0)]
    users: usize,
    /// Answer only after so many milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Act like this provider of the field: thousandeyes
    #[arg(long, value_name = "NAME")]
    like: Option<Like>,
    /// Demand this bearer token; with --basic too, either lets in
    #[arg(long, value_name = "T")]
    token: Option<String>,
    /// Demand these Basic credentials
    #[arg(long, value_name = "USER:PASSWORD", value_parser = user_and_password)]
    basic: Option<(String, String)>,
    /// Do this wrong; repeatable
    #[arg(long, value_name = "NAME")]
    fault: Vec<String>,
    /// List the faults and end
    #[arg(long)]
    list_faults: bool,
}

fn user_and_password(text: &str) -> Result<(String, String), String> {
    let (user, password) = text.split_once(':').ok_or("expected USER:PASSWORD")?;
    Ok((user.to_owned(), password.to_owned()))
}

/// Serves until Ctrl-C; the first line on standard output is the base URL.
pub fn run(arguments: &ServeArgs) -> Outcome {
    if arguments.list_faults {
        return list_faults();
    }
    let faults = fault::named(&arguments.fault)?;
    let like = arguments.like;
    let (provider, handler) = embedded::provider(arguments.scim, auth(arguments), like, &faults);
    provider.seed(arguments.users);
    let latency = (arguments.latency > 0).then(|| Duration::from_millis(arguments.latency));
    let prefix = embedded::prefix(arguments.scim);
    runtime()?.block_on(async {
        let refused = |error: std::io::Error| {
            Diagnostic::error(format!("cannot listen on {}: {error}", arguments.listen))
                .note("help", "--listen 127.0.0.1:0 takes any free port")
        };
        let listener = TcpListener::bind(arguments.listen).await.map_err(refused)?;
        let base = format!("http://{}{prefix}", listener.local_addr().map_err(refused)?);
        provider.set_base(base.clone());
        let mut ended = Box::pin(interrupted());
        // Looked at once, so that signals are caught before anybody learns the address.
        tokio::select! {
            biased;
            () = &mut ended => return Ok(0),
            () = std::future::ready(()) => {}
        }
        super::print(&format!("{base}\n"))?;
        let served =
            front::hyper::serve(listener, vec![(prefix.to_owned(), handler)], latency, ended);
        served.await;
        Ok(0)
    })
}

/// The credentials that let in.
fn auth(arguments: &ServeArgs) -> Auth {
    let bearer = arguments.token.clone().map(Auth::Bearer);
    let basic = arguments.basic.clone();
    let basic = basic.map(|(user, password)| Auth::Basic { user, password });
    match (bearer, basic) {
        (None, None) => Auth::None,
        (Some(only), None) | (None, Some(only)) => only,
        (Some(bearer), Some(basic)) => Auth::Any(vec![bearer, basic]),
    }
}

fn list_faults() -> Outcome {
    let faults = fault::embedded()?;
    let width = faults
        .iter()
        .map(|fault| fault.name.len())
        .max()
        .unwrap_or(0);
    for fault in faults {
        let versions = fault
            .scim
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        super::print(&format!(
            "{:width$}  {}\n{:width$}  SCIM {versions}; breaks {}\n",
            fault.name,
            fault.about,
            "",
            fault.breaks.join(", ")
        ))?;
    }
    Ok(0)
}
