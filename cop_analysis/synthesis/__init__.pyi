from .opened import JointDisplay as JointDisplay
from .opened import SideBySide as SideBySide
from .opened import evidence_matrix as evidence_matrix
from .opened import headline as headline
from .opened import joint_display as joint_display
from .opened import side_by_side as side_by_side
