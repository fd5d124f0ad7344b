"""The data map as an ECharts option: fixed places, worst verdicts by colour and by line.

Names come from data. ECharts draws labels as plain text and escapes its tooltips; so nothing here
writes a template of its own, which ECharts would read as HTML.
"""

from dashboards.parts.data_map.lines import key_of_lines, links
from dashboards.parts.data_map.manner import Manner, Spec
from dashboards.parts.data_map.nodes import categories, guides, legend, marks, nodes
from dashboards.parts.data_map.picture import Picture
from dashboards.parts.data_map.places import places


def option(picture: Picture, manner: Manner) -> Spec:
    """The chart: one graph series whose nodes and edges stand in the order of the picture's rows.

    Two guides without a size come after the nodes, so that the plane is as large as ever.
    """
    roles = dict(picture.nodes.select("node", "role").iter_rows())
    stood = places(roles, list(picture.edges.select("sender", "recipient").iter_rows()))
    kinds = categories(roles, manner)
    return {
        "animation": False,
        "tooltip": {"confine": True},
        "legend": [legend(kinds, manner)],
        "graphic": key_of_lines(manner),
        "series": [
            {
                "type": "graph",
                "id": "map",
                "layout": "none",
                "preserveAspect": True,
                "left": 8,
                "right": 8,
                "top": 34,
                "bottom": 84,
                "roam": True,
                "scaleLimit": {"min": 0.7, "max": 6},
                "selectedMode": "single",
                "select": {"disabled": False, "itemStyle": {"borderColor": manner.palette.ink}},
                "emphasis": {"focus": "adjacency", "scale": 1.1},
                "blur": {"itemStyle": {"opacity": 0.35}, "lineStyle": {"opacity": 0.06}},
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 8,
                "labelLayout": {"hideOverlap": True},
                "categories": kinds,
                "data": [
                    *nodes(picture, stood, manner),
                    *marks(picture, stood, manner),
                    *guides(),
                ],
                "links": links(picture, manner),
            }
        ],
    }
