"""Scripts that tests run inside of a page."""

TRY_EVERYTHING = """async (address) => {
    const stopped = [];
    document.addEventListener("securitypolicyviolation",
        (event) => stopped.push(event.effectiveDirective));
    await fetch(address).catch(() => {});
    for (const [tag, name] of [["img", "src"], ["link", "href"]]) {
        const element = document.createElement(tag);
        if (tag === "link") element.rel = "stylesheet";
        element[name] = address;
        document.body.append(element);
    }
    const script = document.createElement("script");
    script.textContent = "document.title = 'taken'";
    document.body.append(script);
    while (stopped.length < 4) await new Promise(requestAnimationFrame);
    return stopped.sort();
}"""

TOO_PALE = """() => {
    // Colours come as rgb(), rgba() or color(srgb …); a canvas turns each into numbers.
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const numbers = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const over = (top, below) => {
        const share = top[3] / 255;
        const mixed = [0, 1, 2].map((part) => top[part] * share + below[part] * (1 - share));
        return [...mixed, 255];
    };
    const ground = (element) => {
        if (!element) return [255, 255, 255, 255];
        const own = numbers(getComputedStyle(element).backgroundColor);
        return own[3] === 255 ? own : over(own, ground(element.parentElement));
    };
    const light = (colour) => {
        const [r, g, b] = colour.map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const pale = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        const isOff = element.closest("script, style, noscript, svg, :disabled, .visually-hidden");
        if (!node.data.trim() || isOff || !element.checkVisibility()) continue;
        const below = ground(element);
        const ink = over(numbers(getComputedStyle(element).color), below);
        const [dark, bright] = [light(ink), light(below)].sort((one, other) => one - other);
        const contrast = (bright + 0.05) / (dark + 0.05);
        if (contrast < 4.5) pale.add(`${node.data.trim()} has ${contrast.toFixed(2)}`);
    }
    return [...pale];
}"""
