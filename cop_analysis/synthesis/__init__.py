"""Where strands of evidence meet: coded text, reach, change, ties and ratings side by side.

The only room that may use the analysis rooms together. This file only gathers the names a notebook needs.
"""

from cop_analysis.synthesis.evidence_matrix import evidence_matrix
from cop_analysis.synthesis.headline import headline
from cop_analysis.synthesis.joint_display import JointDisplay, joint_display

__all__ = ["JointDisplay", "evidence_matrix", "headline", "joint_display"]
