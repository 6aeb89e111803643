//! Writes the man pages into a folder: `cargo run --example man -- target/man`.
//!
//! An example, since a build script can't see the definition of the command line, which is a part of the program, and
//! since the program itself needn't carry the pages.

mod pages;

use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err("name the folder for the pages, such as target/man".into());
    };
    fs::create_dir_all(&folder)?;
    for (name, page) in pages::all()? {
        fs::write(folder.join(name), page)?;
    }
    Ok(())
}
