//! What is wrong is said once, with a hint and the right exit code, and nothing is left lying about.

use std::{fs, io::Write, net::TcpListener, path::Path};

use crate::common::{Finished, Home, files_below};

fn refused(finished: &Finished, message: &str) {
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    assert_eq!(finished.stdout, "", "{finished:#?}");
    assert!(finished.stderr.contains(message), "{finished:#?}");
    assert!(!finished.stderr.contains("[1/"), "nothing was started: {finished:#?}");
    assert_eq!(finished.errors(), 1, "{finished:#?}");
    assert!(finished.stderr.contains("hint:"), "{finished:#?}");
}

fn write(path: &Path, bytes: &[u8]) {
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

fn slide(path: &Path) {
    aig_sandbox::synthetic::SlideSpec::new(600, 500).write(path).unwrap();
}

#[test]
fn a_folder_without_slides_is_refused_and_nothing_is_left() {
    let home = Home::new();
    fs::create_dir(home.path().join("empty")).unwrap();
    refused(&home.run(&["demo", "--slides", "empty"]), "no slides in `empty`");
    assert!(!home.path().join("aig-demo").exists());
    assert_eq!(files_below(&home.path().join("cache")).iter().filter(|name| name.ends_with(".json")).count(), 0);
}

#[test]
fn a_missing_folder_is_refused() {
    let home = Home::new();
    refused(&home.run(&["demo", "--slides", "nowhere"]), "`nowhere`");
}

#[test]
fn a_file_that_is_no_slide_is_refused_by_name() {
    let home = Home::new();
    let folder = home.path().join("slides");
    fs::create_dir(&folder).unwrap();
    slide(&folder.join("good.tiff"));
    write(&folder.join("wrong.svs"), b"this is no slide");
    refused(&home.run(&["demo", "--slides", "slides"]), "wrong.svs` is not a TIFF or SVS file");
    assert!(!home.path().join("aig-demo").exists());
}

#[test]
fn a_truncated_slide_is_refused_by_name() {
    let home = Home::new();
    let folder = home.path().join("slides");
    fs::create_dir(&folder).unwrap();
    slide(&folder.join("cut.tiff"));
    let bytes = fs::read(folder.join("cut.tiff")).unwrap();
    write(&folder.join("cut.tiff"), &bytes[..bytes.len() / 2]);
    refused(&home.run(&["demo", "--slides", "slides"]), "cut.tiff` is cut short");
}

#[test]
fn all_slides_that_cannot_be_used_are_named_at_once() {
    let home = Home::new();
    let folder = home.path().join("slides");
    fs::create_dir_all(folder.join("deep/down")).unwrap();
    slide(&folder.join("good.tiff"));
    write(&folder.join("wrong.svs"), b"this is no slide");
    write(&folder.join("deep/down/empty.tiff"), b"");
    let finished = home.run(&["demo", "--slides", "slides"]);
    refused(&finished, "2 slides cannot be used");
    for name in ["wrong.svs", "slides/deep/down/empty.tiff"] {
        assert!(finished.stderr.contains(name), "{finished:#?}");
    }
    let json = home.run(&["demo", "--slides", "slides", "--output", "json"]).error();
    assert_eq!(json["error"]["problems"].as_array().unwrap().len(), 2, "{json}");
}

#[test]
fn a_slide_without_resolution_is_named_as_such() {
    let home = Home::new();
    let folder = home.path().join("slides");
    fs::create_dir(&folder).unwrap();
    let mut file = fs::File::create(folder.join("silent.tiff")).unwrap();
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut file).unwrap();
    encoder.write_image::<tiff::encoder::colortype::RGB8>(64, 64, &[200; 64 * 64 * 3]).unwrap();
    let finished = home.run(&["demo", "--slides", "slides"]);
    refused(&finished, "silent.tiff` ");
    assert!(finished.stderr.contains("`aig run submit`"), "the demo has no `--set`: {finished:#?}");
    assert!(finished.stderr.contains("resolution") || finished.stderr.contains("µm per pixel"), "{finished:#?}");
}

#[test]
fn hints_of_the_demo_can_be_followed_in_the_demo() {
    let home = Home::new();
    let folder = home.path().join("slides");
    fs::create_dir(&folder).unwrap();
    slide(&folder.join("a.tiff"));
    refused(&home.run(&["demo", "--slides", "slides/a.tiff"]), "`slides/a.tiff` is a file");
    fs::copy(folder.join("a.tiff"), folder.join("a.tif")).unwrap();
    let finished = home.run(&["demo", "--slides", "slides"]);
    refused(&finished, "would both be called `a`");
    assert!(!finished.stderr.contains("two runs"), "{finished:#?}");
}

#[test]
fn a_port_in_use_is_said_with_its_number() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let finished = home.run(&["sandbox", "up", "--port", &port]);
    refused(&finished, &format!("port {port} on 127.0.0.1 is in use\n"));
    assert_eq!(finished.stderr.matches("another").count(), 1, "the advice is in the hint alone: {finished:#?}");
}

#[test]
fn a_folder_that_cannot_be_made_is_said_before_anything_starts() {
    let home = Home::new();
    write(&home.path().join("file"), b"in the way");
    let finished = home.run(&["demo", "--dir", "file/below"]);
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    assert!(finished.stderr.contains("`file/below`"), "{finished:#?}");
    assert!(!finished.stderr.contains("[1/"), "{finished:#?}");
}

#[test]
fn a_cache_directory_that_cannot_be_used_is_a_warning() {
    let home = Home::with_slide();
    write(&home.path().join("file"), b"in the way");
    let mut command = home.aig(&["demo", "--slides", "mine", "--output", "json"]);
    let finished = crate::common::finish(command.env("AIGNOSTICS_CACHE_DIR", home.path().join("file/cache")));
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert!(finished.stderr.contains("warning:"), "{finished:#?}");
    assert_eq!(finished.json()["outcome"], "as_planned");
}

#[test]
fn csv_is_refused_where_there_is_no_list_before_anything_is_done() {
    let home = Home::new();
    for arguments in [&["demo", "--output", "csv"][..], &["whoami", "--output", "csv"]] {
        refused(&home.run(arguments), "`--output csv` is for lists");
    }
    assert!(!home.path().join("aig-demo").exists());
}

#[test]
fn an_id_that_is_none_is_refused_without_a_network() {
    let home = Home::new();
    for command in ["show", "watch", "cancel", "download"] {
        let finished = home.run(&["run", command, "RUN"]);
        assert_eq!(finished.code, Some(2), "{finished:#?}");
        assert!(finished.stderr.contains("not the id of a run"), "{finished:#?}");
    }
}
