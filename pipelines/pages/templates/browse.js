"use strict";
(() => {
  for (const box of document.querySelectorAll(".sides")) joinSides(box, box.querySelector(".joins"));

  // What is alive on a page is read anew when the lake has a new commit.
  const alive = [...document.querySelectorAll("[data-live]")];
  const told = document.getElementById("commit");
  if (!alive.length || !told) return;
  let commit = Number(told.textContent.replace(/\D/g, ""));
  const look = async () => {
    try {
      const state = await (await fetch("/state")).json();
      if (state.commit !== commit) {
        const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
        for (const node of document.querySelectorAll("[data-live]")) {
          const other = page.getElementById(node.id);
          if (other) node.replaceWith(document.adoptNode(other));
        }
        commit = state.commit;
      }
      document.body.classList.remove("stale");
    } catch {
      document.body.classList.add("stale");
    }
    setTimeout(look, 3000);
  };
  setTimeout(look, 3000);
})();
