// A classic script in the head: the chosen colours are there before anything is drawn.

(() => {
  const root = document.documentElement;
  const wanted = localStorage.getItem("theme");
  if (wanted === "light" || wanted === "dark") root.dataset.theme = wanted;
})();
