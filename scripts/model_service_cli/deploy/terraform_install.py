"""How Terraform is installed on the system at hand: one command, HashiCorp's own packages where there are any."""

import shutil
from collections.abc import Callable

EXPLAINED = "https://developer.hashicorp.com/terraform/install"
_KEY, _PACKAGES = "/usr/share/keyrings/hashicorp.gpg", "https://apt.releases.hashicorp.com"
_APT = (
    f"wget -O - {_PACKAGES}/gpg | sudo gpg --dearmor -o {_KEY}",
    f'echo "deb [signed-by={_KEY}] {_PACKAGES} $(lsb_release -cs) main" | '
    "sudo tee /etc/apt/sources.list.d/hashicorp.list",
    "sudo apt-get update",
    "sudo apt-get install terraform",
)
_DNF = (
    "sudo dnf config-manager addrepo --from-repofile=https://rpm.releases.hashicorp.com/fedora/hashicorp.repo",
    "sudo dnf install terraform",
)
# The first one that is there counts.
INSTALLERS = {
    "brew": "brew install hashicorp/tap/terraform",
    "apt-get": " && ".join(_APT),
    "dnf": " && ".join(_DNF),
    "pacman": "sudo pacman -S terraform",
    "winget.exe": "winget install HashiCorp.Terraform",
}


def how_to_install(which: Callable[[str], str | None] = shutil.which) -> str:
    """The command, by the installer that is there; without one, where it is explained."""
    return next((command for tool, command in INSTALLERS.items() if which(tool)), EXPLAINED)
