; What the installer does around what tauri has it do.

; Windows lets nobody write or delete the file of a program that runs, but it lets it be renamed. So a worker goes on through an upgrade as it does on
; Linux, and goes over to the new program when it is started next. What is left of the old one goes now, at the next start of Windows, or at the next upgrade.
!macro MOVE_WORKER_ASIDE
  Delete "$INSTDIR\lineside-*.old"
  ${If} ${FileExists} "$INSTDIR\lineside.exe"
    GetTempFileName $R9 "$INSTDIR"
    Delete "$R9"
    ${GetBaseName} "$R9" $R9
    Rename "$INSTDIR\lineside.exe" "$INSTDIR\lineside-$R9.old"
    Delete /REBOOTOK "$INSTDIR\lineside-$R9.old"
  ${EndIf}
!macroend

!macro NSIS_HOOK_PREINSTALL
  !insertmacro MOVE_WORKER_ASIDE
!macroend

; Taken away for good, the workers of this account are asked to end first. Those of others go on until they end, or Windows does. What people made (instances,
; queues, settings) lies in their own folders and stays.
!macro NSIS_HOOK_PREUNINSTALL
  ${If} $UpdateMode <> 1
    nsExec::ExecToLog '"$INSTDIR\lineside.exe" stop --all --force'
    Pop $R9
  ${EndIf}
  !insertmacro MOVE_WORKER_ASIDE
!macroend
