// What a person would stumble over on the page as it is shown: texts that can hardly be told from what is behind them,
// and things of ours that stand out of the window or of their box. A list of sentences.
(roots) => {
    const LEAST = 3; // what Odoo's own badges have in the light scheme; its muted texts have 4.3
    const GUTTER = 16; // by which rows of columns reach into the padding around them
    const found = [];
    const parse = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
        // Chromium answers color(srgb ...) with parts of one for mixed colours.
        return colour.startsWith("color(") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
    };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const light = ([r, g, b]) => {
        const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (style.backgroundImage !== "none") {
                return null;
            }
            const colour = parse(style.backgroundColor);
            layers.push(colour);
            if (colour[3] === 1) {
                break;
            }
        }
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
    };
    const named = (element) => {
        const name = element.getAttribute("name");
        return `${element.localName}${name ? `[name=${name}]` : ""}.${[...element.classList].slice(0, 3).join(".")}`;
    };
    const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    for (const root of document.querySelectorAll(roots)) {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const seen = new Set();
        while (walker.nextNode()) {
            const text = walker.currentNode.textContent.trim();
            const element = walker.currentNode.parentElement;
            if (!text || seen.has(element) || !shown(element) || element.closest("svg, option, :disabled, .opacity-50")) {
                continue;
            }
            seen.add(element);
            const style = getComputedStyle(element);
            const ground = behind(element);
            if (!ground || style.fontFamily.includes("FontAwesome")) {
                continue;
            }
            const [a, b] = [light(over(parse(style.color), ground)), light(ground)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < LEAST) {
                found.push(`contrast ${ratio.toFixed(1)}: ${named(element)} "${text.slice(0, 40)}"`);
            }
        }
    }
    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth > width) {
        found.push(`the page is ${document.scrollingElement.scrollWidth} wide in a window of ${width}`);
    }
    for (const root of document.querySelectorAll(".o_action_manager [class*=o_ghl_]")) {
        const box = root.getBoundingClientRect();
        const scrolls = root.parentElement.closest(".table-responsive, .o_ghl_scroll, .o_kanban_renderer, .o_list_renderer");
        if (box.width && shown(root) && !scrolls && (box.left < -1 || box.right > width + 1)) {
            found.push(`outside the window: ${named(root)}`);
        }
        const cuts = ["hidden", "auto", "scroll", "clip"].includes(getComputedStyle(root).overflowX);
        if (!cuts && root.localName !== "canvas" && root.clientWidth && root.scrollWidth > root.clientWidth + GUTTER) {
            found.push(`wider than its box: ${named(root)}`);
        }
    }
    return [...new Set(found)];
};
