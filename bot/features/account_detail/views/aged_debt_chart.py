"""The bar chart of a customer's debt by age."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from bot.features.account_detail.model import AgedDebt, Bucket

# Drawn here: no figure leaves for a chart service.
_WIDTH, _ROW, _EDGE, _BARS, _MOST_BAR = 640, 36, 20, 200, 260
# Legible on Slack's white and dark grey, and distinct without red and green.
_PAPER, _INK, _OWED, _CREDIT = "#f4f4f2", "#2f3437", "#6b8fb3", "#c9a24b"


def bars(found: AgedDebt) -> bytes:
    """Return a PNG with one bar for each age, its label and amount. Blocks for some 10 ms."""
    # Pillow's own font has no sign for pounds or euros, so the headline has the currency's code.
    height = 2 * _EDGE + _ROW * (len(found.buckets) + 1)
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=15)
    draw.text(
        (_EDGE, _EDGE), _ascii(f"Aged debt, {found.customer.reference}, {found.customer.currency.iso}"), _INK, font
    )
    largest = max((abs(bucket.amount) for bucket in found.buckets), default=0)
    for place, bucket in enumerate(found.buckets, 1):
        top = _EDGE + _ROW * place
        _bar(draw, bucket, top=top, long=int(_MOST_BAR * abs(bucket.amount) / largest) if largest else 0)
        draw.text((_EDGE, top + 6), _ascii(bucket.label[:24]), _INK, font)
        draw.text((_WIDTH - _EDGE, top + 6), f"{bucket.amount:,.2f}", _INK, font, anchor="ra")
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


def _bar(draw: ImageDraw.ImageDraw, bucket: Bucket, *, top: int, long: int) -> None:
    colour = _OWED if bucket.amount >= 0 else _CREDIT
    draw.rectangle((_BARS, top + 4, _BARS + max(1, long), top + _ROW - 8), fill=colour)


def _ascii(words: str) -> str:
    """Return the text in ASCII, all that the font has; the alternative text has the other letters."""
    return words.encode("ascii", "replace").decode()
