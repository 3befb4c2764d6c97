// Copyright: (c) 2026, the frontline.entra contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Opens each page in each look and prints a line for each check; run.py says what to open.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const axe = require("axe-core");
const puppeteer = require("puppeteer-core");

const { browser: executablePath, folder, screenshots } = JSON.parse(process.argv[2]);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars"];
const LOOKS = [
  { name: "desktop, light", width: 1280, scheme: "light" },
  { name: "desktop, dark", width: 1280, scheme: "dark" },
  { name: "phone, light", width: 360, scheme: "light" },
  { name: "phone, dark", width: 360, scheme: "dark" },
];
const MOST_MILLISECONDS = 2000;
const MOST_BYTES = 150_000;

function report(what, problems) {
  const found = [problems].flat().filter(Boolean);
  console.log(found.length ? `FAILED ${what}: ${found.slice(0, 5).join("; ")}` : `passed ${what}`);
}

async function opened(browser, name, look, problems) {
  const page = await browser.newPage();
  const address = `file://${path.join(folder, name)}.html`;
  page.on("console", (message) => problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("dialog", async (dialog) => { problems.push(`dialog: ${dialog.message()}`); await dialog.dismiss(); });
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== address) problems.push(`request: ${request.url()}`);
  });
  await page.setViewport({ width: look.width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme }]);
  await page.goto(address, { waitUntil: "load" });
  return page;
}

// Contrast is part of axe's rules; rows beyond the first hundreds look the same and would take minutes.
async function violations(page) {
  await page.evaluate(() => {
    for (const body of document.querySelectorAll("tbody")) [...body.rows].slice(50).forEach((row) => row.remove());
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  await page.evaluate(axe.source);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 120)}`);
}

async function checkLook(browser, name, look) {
  const problems = [];
  const page = await opened(browser, name, look, problems);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  report(`${name}, ${look.name}: no sideways scrolling of the page`, overflow > 0 && `${overflow} pixels`);
  report(`${name}, ${look.name}: accessible`, await violations(page));
  report(`${name}, ${look.name}: no message, error, dialog or request`, problems);
  await page.close();
}

async function checkLinks(browser, name) {
  const page = await opened(browser, name, LOOKS[0], []);
  const links = await page.$$eval(".tiles a, .users a", (all) => all.map((one) => one.getAttribute("href")));
  const dead = [];
  for (const link of links) {
    await page.evaluate((to) => { location.hash = ""; location.hash = to; }, link);
    const height = await page.$eval(link, (target) => target.getBoundingClientRect().height);
    if (!height) dead.push(link);
  }
  report(`${name}: all ${links.length} links lead to a visible part, also inside closed details`, dead);
  await page.close();
}

async function checkPaper(browser, name) {
  const page = await opened(browser, name, LOOKS[1], []);
  await page.emulateMediaType("print");
  const problems = await page.evaluate(() => {
    const hidden = [...document.querySelectorAll("details:not([open]) tbody tr")].filter((row) => !row.offsetHeight);
    const heads = [...document.querySelectorAll(".users thead, .users tfoot")].map((one) => getComputedStyle(one).display);
    const dark = getComputedStyle(document.documentElement).backgroundColor !== "rgb(255, 255, 255)";
    return [
      hidden.length && `${hidden.length} hidden rows`,
      heads.some((display) => !/^table-(header|footer)-group$/.test(display)) && "heads and feet are not repeated",
      dark && "a dark background",
    ];
  });
  const pdf = await page.pdf({ format: "a4", preferCSSPageSize: true });
  report(`${name}: everything is on paper`, [...problems, pdf.length < 10_000 && "an empty PDF"]);
  await page.close();
}

async function checkForcedColours(browser) {
  const page = await opened(browser, "300", LOOKS[0], []);
  const session = await page.createCDPSession();
  await session.send("Emulation.setEmulatedMedia", { features: [{ name: "forced-colors", value: "active" }] });
  const stroke = await page.$eval(".bar rect", (one) => getComputedStyle(one).stroke);
  report("300: bars have an outline with forced colours", stroke === "none" && stroke);
  await page.close();
}

async function checkSpeed(browser) {
  const size = fs.statSync(path.join(folder, "30000.html")).size;
  report(`30000: ${size} bytes, below 1 MB`, size >= 1_000_000 && "too large");
  const page = await browser.newPage();
  const start = performance.now();
  await page.goto(`file://${path.join(folder, "30000")}.html`, { waitUntil: "load" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const taken = Math.round(performance.now() - start);
  report(`30000: shown after ${taken} ms, below ${MOST_MILLISECONDS} ms`, taken >= MOST_MILLISECONDS && "too slow");
  await page.close();
}

async function takePictures(browser) {
  const pictures = [
    // As wide as the text around them, so that they are not scaled down.
    ["report-run", "300", LOOKS[0], 860, 1000],
    ["report-audit", "audit", LOOKS[0], 860, 1000],
  ];
  for (const [file, name, look, width, height] of pictures) {
    const page = await opened(browser, name, look, []);
    await page.setViewport({ width, height });
    const target = path.join(screenshots, `${file}.png`);
    await page.screenshot({ path: target });
    report(`${file}.png is a small file`, fs.statSync(target).size >= MOST_BYTES && `${fs.statSync(target).size} bytes`);
    await page.close();
  }
}

async function main() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "browser-"));
  const browser = await puppeteer.launch({ executablePath, args: FLAGS, userDataDir: profile });
  try {
    console.log(`axe-core ${axe.version}, ${await browser.version()}`);
    await checkSpeed(browser);
    for (const name of fs.readdirSync(folder).map((file) => path.parse(file).name)) {
      for (const look of LOOKS) await checkLook(browser, name, look);
      await checkLinks(browser, name);
      await checkPaper(browser, name);
    }
    await checkForcedColours(browser);
    if (screenshots) await takePictures(browser);
  } finally {
    await browser.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

main().catch((error) => { console.log(`FAILED to the end: ${error.message}`); process.exitCode = 1; });
