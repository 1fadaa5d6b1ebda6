// The choice of light or dark that the pages keep in a cookie holds in the admin too. Not a module: it runs before
// anything is painted.
{
  const theme = document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/)?.[1];
  if (theme) document.documentElement.dataset.theme = theme;
}
