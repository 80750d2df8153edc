//! Rule: links between the repository's documents lead to files that exist.

use super::{
    offence::{Offence, assert_none, lines},
    tree::{SourceFile, root, tree},
};

#[test]
fn links_lead_somewhere() {
    let documents = tree().iter().filter(|file| file.extension() == "md");
    let exists = |path: &str| root().join(path).exists();
    assert_none(&documents.flat_map(|file| offences(file, exists)).collect::<Vec<_>>());
}

fn offences(file: &SourceFile, exists: impl Fn(&str) -> bool) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (number, target) in links(file).into_iter().filter(|(_, target)| is_local(target)) {
        if !resolve(&file.path, &target).is_some_and(|path| exists(&path)) {
            let what = format!("`{target}` leads nowhere: mend the link, from the directory of this file");
            offences.push(Offence::new(&file.path, number, what));
        }
    }
    offences
}

/// The targets of `[text](target)` and of `[name]: target`, outside code.
fn links(file: &SourceFile) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut in_code = false;
    for (number, line) in file.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect();
        let inline = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let is_definition = prose.starts_with('[') && !prose.starts_with("[^");
        let defined = prose.split_once("]: ").filter(|_| is_definition).map(|(_, target)| target.trim());
        links.extend(inline.chain(defined).map(|target| (number, target.to_owned())));
    }
    links
}

fn is_local(target: &str) -> bool {
    !target.starts_with('#') && !target.contains("://") && !target.starts_with("mailto:")
}

/// The path of a target from the root; `None` if it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next()?;
    let directory = from.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut path = Vec::new();
    let start = if target.starts_with('/') { "" } else { directory };
    for part in start.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()?),
            name => path.push(name),
        }
    }
    Some(path.join("/"))
}

#[test]
fn broken_links_are_caught() {
    let text = "\
[good](ARCHITECTURE.md#numbers), [`code`](../README.md), [far](https://example.org/x), [here](#x)
[broken](MISSING.md) and [outside](../../elsewhere.md)
```
[in code](MISSING.md)
```
also `[in code](MISSING.md)`
[note]: MISSING.md
[root]: /README.md
";
    let exists = |path: &str| ["docs/ARCHITECTURE.md", "README.md"].contains(&path);
    assert_eq!(lines(&offences(&SourceFile::new("docs/guide.md", text), exists)), [2, 2, 7]);
}
