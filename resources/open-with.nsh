; Offers Tessera under "Open with" for photos and in the menu of folders, without becoming the default for any.
!macro photoType ending
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\SupportedTypes" "${ending}" ""
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}" "FriendlyAppName" "${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\shell\open\command" "" '"$appExe" "%1"'
  !insertmacro photoType ".jpg"
  !insertmacro photoType ".jpeg"
  !insertmacro photoType ".png"
  !insertmacro photoType ".webp"
  !insertmacro photoType ".tif"
  !insertmacro photoType ".tiff"
  !insertmacro photoType ".avif"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Directory\shell\${PRODUCT_NAME}" "" "Enhance with ${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Directory\shell\${PRODUCT_NAME}" "Icon" "$appExe"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Directory\shell\${PRODUCT_NAME}\command" "" '"$appExe" "%1"'
!macroend

!macro customUnInstall
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Directory\shell\${PRODUCT_NAME}"
!macroend
