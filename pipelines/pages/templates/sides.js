"use strict";
// Two texts beside each other: lines join the passages, and a passage leads to its other end.
function joinSides(box, svg) {
  const marks = (of, side) => box.querySelector(`mark[data-span="${of}"][data-side="${side}"]`);
  const drawn = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const again = () => {
    const frame = svg.getBoundingClientRect();
    const paths = [];
    for (const of of new Set([...box.querySelectorAll("mark[data-span]")].map((mark) => mark.dataset.span))) {
      const ends = [marks(of, 0), marks(of, 1)];
      if (ends.includes(null)) continue;
      const at = ends.map((mark) => {
        const inside = mark.closest(".side").getBoundingClientRect();
        const y = mark.getBoundingClientRect().top + 10;
        return y >= inside.top && y <= inside.bottom ? y - frame.top : null;
      });
      if (at.includes(null)) continue;
      const on = ends[0].classList.contains("on") ? " on" : "";
      paths.push(drawn("path", { d: `M0 ${at[0]}C24 ${at[0]} 24 ${at[1]} 48 ${at[1]}`, class: `j${of % 8}${on}` }));
    }
    svg.replaceChildren(...paths);
  };
  const scrolls = (side) => side.scrollHeight > side.clientHeight + 4;
  const lead = (mark, room) => {
    const side = mark.closest(".side");
    side.scrollTop += mark.getBoundingClientRect().top - side.getBoundingClientRect().top - room;
  };
  const light = (mark) => {
    for (const one of box.querySelectorAll("mark")) one.classList.toggle("on", one.dataset.span === mark.dataset.span);
    const other = marks(mark.dataset.span, 1 - mark.dataset.side);
    if (other && scrolls(other.closest(".side"))) lead(other, 90);
    else if (other) other.scrollIntoView({ block: "center" });
    again();
  };
  box.addEventListener("click", (event) => {
    const mark = event.target.closest("mark");
    if (mark) light(mark);
  });
  box.addEventListener("keydown", (event) => {
    const mark = event.target.closest("mark");
    if (mark && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      light(mark);
    }
  });
  box.addEventListener("scroll", again, true);
  addEventListener("resize", again);
  requestAnimationFrame(() => {
    for (const side of box.querySelectorAll(".side")) {
      const mark = side.querySelector("mark");
      if (mark && scrolls(side)) lead(mark, 90);
    }
    again();
  });
}
