//! What a till's scanner reads from a page: the QR code of an SVG element.

use rqrr::PreparedImage;

/// Dots a unit of the drawing: a scanner sees more than one for each module.
const DOTS: usize = 3;

/// The text of the QR codes on a page.
pub fn scan(page: &str) -> Vec<String> {
    let drawings = page.split("<svg").skip(1).map(|rest| rest.split("</svg>").next().unwrap());
    drawings.map(read).collect()
}

fn read(svg: &str) -> String {
    let view_box = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split('"').next().unwrap();
    let size: usize = view_box.split(' ').next().unwrap().parse().unwrap();
    let mut dark = vec![false; size * size];
    // The last path draws the modules, as rectangles: M left top h width v height.
    let path = svg.rsplit(" d=\"").next().unwrap().split('"').next().unwrap();
    for rectangle in path.split('M').skip(1) {
        let (left, rest) = rectangle.split_once(' ').unwrap();
        let (top, rest) = rest.split_once('h').unwrap();
        let (width, rest) = rest.split_once('v').unwrap();
        let height = rest.split(['H', 'z', 'V']).next().unwrap();
        let [left, top, width, height] =
            [left, top, width, height].map(|number| number.parse::<usize>().unwrap());
        for row in top..top + height {
            dark[row * size + left..row * size + left + width].fill(true);
        }
    }
    let dot = |x: usize, y: usize| if dark[(y / DOTS) * size + x / DOTS] { 0 } else { 255 };
    let mut image = PreparedImage::prepare_from_greyscale(size * DOTS, size * DOTS, dot);
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "one code in one drawing");
    let (meta, text) = codes[0].decode().unwrap();
    // Levels as they stand in the code: M is 0, L is 1.
    assert_eq!(meta.ecc_level, 0, "error level M");
    text
}
