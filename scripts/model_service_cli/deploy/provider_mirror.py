"""Where Terraform's provider lies on this machine, for those who cannot or need not reach the registry. Nothing is
installed here."""

import os
import platform
from pathlib import Path

from model_service_cli.deploy.target import TerraformError


def find_mirror(version: str) -> Path | None:
    """A local folder that holds the provider for this machine: TF_PLUGIN_DIR, else one in the usual places.

    Raises TerraformError when TF_PLUGIN_DIR does not hold it.
    """
    named = os.environ.get("TF_PLUGIN_DIR")
    if named:
        if _holds_provider(Path(named), version):
            return Path(named).resolve()
        raise TerraformError(f"TF_PLUGIN_DIR={named} holds no hashicorp/aws {version} for {platform_name()}")
    home = Path.home()
    data_home = os.environ.get("XDG_DATA_HOME") or home / ".local/share"
    data_folders = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    usual = [
        home / ".terraform.d/plugins",
        *(Path(folder) / "terraform/plugins" for folder in [data_home, *data_folders]),
        home / "Library/Application Support/io.terraform/plugins",
        Path("/Library/Application Support/io.terraform/plugins"),
        *sorted(Path("/opt").glob("*")),
    ]
    return next((folder for folder in usual if _holds_provider(folder, version)), None)


def _holds_provider(folder: Path, version: str) -> bool:
    """Unpacked (<host>/hashicorp/aws/<version>/<platform>/) or packed, as Terraform lays mirrors out."""
    patterns = (f"{version}/{platform_name()}/*", f"terraform-provider-aws_{version}_{platform_name()}.zip")
    return any(next(folder.glob(f"*/hashicorp/aws/{pattern}"), None) for pattern in patterns)


def platform_name() -> str:
    """As Terraform names it: linux_amd64, darwin_arm64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_" + {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
