"""OMEMO 0.3 for slixmpp, and only that version: what phones speak today."""

from __future__ import annotations

import asyncio
from typing import Any, FrozenSet, Optional, Set

import oldmemo
from omemo.session_manager import SessionManager
from omemo.types import DeviceInformation
from slixmpp import JID
from slixmpp.plugins import register_plugin
from slixmpp_omemo import XEP_0384, TrustLevel
from slixmpp_omemo.xep_0384 import _make_session_manager

from storage import JSONStorage

NAMESPACE = oldmemo.oldmemo.NAMESPACE


class OMEMO03(XEP_0384):
    """Trusts a new device blindly as long as none of its owner's was verified by hand (BTBV)."""

    # slixmpp asks for the attribute through the plugin's configuration.
    default_config = {"fallback_message": "This message is encrypted with OMEMO.", "json_storage": None}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._manager: Optional[asyncio.Task[SessionManager]] = None
        self._refreshed: Set[str] = set()

    @property
    def storage(self) -> JSONStorage:
        return self.json_storage

    @property
    def _btbv_enabled(self) -> bool:
        return True

    async def _prompt_manual_trust(
        self, manually_trusted: FrozenSet[DeviceInformation], identifier: Optional[str]
    ) -> None:
        manager = await self.get_session_manager()
        for device in manually_trusted:
            await manager.set_trust(device.bare_jid, device.identity_key, TrustLevel.DISTRUSTED.value)

    async def get_session_manager(self) -> SessionManager:
        """The one session manager of this connection, with the old protocol version only."""
        if self._manager is None:
            self._manager = asyncio.create_task(self._create_manager())
        return await asyncio.shield(self._manager)

    async def _create_manager(self) -> SessionManager:
        storage = self.storage
        manager = await _make_session_manager(self.xmpp, self).create(
            [oldmemo.Oldmemo(storage)], storage, self.xmpp.boundjid.bare,
            initial_own_label=None, undecided_trust_level_name=TrustLevel.UNDECIDED.value)
        await manager.ensure_data_consistency()
        await manager.after_history_sync()
        self.xmpp.event("omemo_initialized")
        return manager

    async def refresh_device_lists(self, jids: Set[JID], force_download: bool = False) -> None:
        """Fetches each list once a connection; the subscription brings changes after that."""
        manager = await self.get_session_manager()
        for jid in {JID(jid.bare) for jid in jids}:
            if jid.bare == self.xmpp.boundjid.bare or (jid.bare in self._refreshed and not force_download):
                continue
            await self._subscribe(NAMESPACE, jid)
            await manager.refresh_device_list(NAMESPACE, jid.bare)
            self._refreshed.add(jid.bare)


register_plugin(OMEMO03)
