"""How answers look (length, headers, lists, bold), and what ratings and win rates are once that is held equal."""
