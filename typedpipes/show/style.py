"""The colours and fonts of an SVG, for light and dark pages."""

from __future__ import annotations

from typing import Final

# Every rule applies to this drawing only: a notebook embeds the SVG in its own page.
STYLE: Final = """
.typedpipes text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
  'DejaVu Sans Mono', monospace; text-anchor: middle; fill: #1f2733 }
.typedpipes .title { font-size: 13px; font-weight: 500 }
.typedpipes .note { font-size: 10.5px; fill: #667085 }
.typedpipes .label { font-size: 11px; fill: #475467 }
.typedpipes .ground, .typedpipes .halo { fill: #ffffff }
.typedpipes .box { fill: #f5f8ff; stroke: #5f7fbd; stroke-width: 1.2 }
.typedpipes .source { fill: #ecfaf1; stroke: #3f8f60 }
.typedpipes .sink { fill: #f6f1fd; stroke: #8a66c2 }
.typedpipes .fitting { fill: #f7f7f8; stroke: #7b8290 }
.typedpipes .join { fill: #fff6e6; stroke: #a5761a }
.typedpipes .frame { fill: none; stroke-width: .8 }
.typedpipes .segment { fill: #eef1f5; fill-opacity: .5; stroke: #98a2b3; stroke-dasharray: 2 3 }
.typedpipes .segment-title { font-size: 10.5px; text-anchor: start; fill: #475467;
  stroke: #ffffff; stroke-width: 4px; paint-order: stroke }
.typedpipes .arrow { fill: none; stroke: #748094; stroke-width: 1.4 }
.typedpipes .head { fill: #748094 }
.typedpipes .place { font-size: 9.5px; text-anchor: start; fill: #475467 }
.typedpipes .failures .arrow { stroke: #cf4a4a; stroke-dasharray: 5 4 }
.typedpipes .failures .head { fill: #cf4a4a }
.typedpipes .failures-label { fill: #b53434 }
@media (prefers-color-scheme: dark) {
  .typedpipes text { fill: #e6eaf2 }
  .typedpipes .note { fill: #98a2b3 }
  .typedpipes .label, .typedpipes .place { fill: #b4bdcc }
  .typedpipes .ground, .typedpipes .halo { fill: #12161f }
  .typedpipes .box { fill: #1b2538; stroke: #6d8cc2 }
  .typedpipes .source { fill: #16291f; stroke: #55a076 }
  .typedpipes .sink { fill: #261d36; stroke: #9a7fc4 }
  .typedpipes .fitting { fill: #20242c; stroke: #7d8695 }
  .typedpipes .join { fill: #302610; stroke: #b38c43 }
  .typedpipes .frame { fill: none }
  .typedpipes .segment { fill: #1d232e; stroke: #667085 }
  .typedpipes .segment-title { fill: #b4bdcc; stroke: #12161f }
  .typedpipes .arrow { stroke: #7b879a }
  .typedpipes .head { fill: #7b879a }
  .typedpipes .failures .arrow { stroke: #e07070 }
  .typedpipes .failures .head { fill: #e07070 }
  .typedpipes .failures-label { fill: #f09a9a }
}
"""
