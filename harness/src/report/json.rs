//! The JSON report: the report as it is. `diff` and `merge` read it back.

use std::io;

use super::model::{FORMAT, Report};

/// The report as JSON text.
pub fn text(report: &Report) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// Reads what [`text`] wrote.
pub fn parse(text: &str) -> Result<Report, String> {
    let report: Report = serde_json::from_str(text)
        .map_err(|error| format!("it is no JSON report of scim-harness: {error}"))?;
    if report.format == FORMAT {
        Ok(report)
    } else {
        Err(format!(
            "its format is `{}`, and this version reads `{FORMAT}`",
            report.format
        ))
    }
}
