; Inno Setup 6.3 or newer: iscc /DVersion=0.1.0 /DApp=C:\build\dist\atrium installer\windows\atrium.iss
; Built and tried on Windows only: neither Inno Setup nor a Windows build of the program runs on other systems.
;
; Silent:   atrium-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /LOG=setup.log
;               /SITEFILE="C:\hand-out\site.toml" [/SITEFOLDER="C:\ProgramData\Atrium\mall"]
;               [/SECRETS="C:\hand-out\secrets.toml"] [/TASKS="service,desktopicon"] [/SERVICEUSER=".\atrium"]
; Exit code 0: all done. 10: the program is installed and `init` failed; the log holds what it said.
;
; Versions lie side by side, each in app-<version>, and a junction `current` names the one in force, as the signed
; updater has it. For installations that IT updates with its own tool give /MANAGED=msi: the updater then only tells.

#ifndef Version
  #error Give the version: /DVersion=0.1.0
#endif
#ifndef App
  #error Give the built program: /DApp=...\dist\atrium
#endif

[Setup]
AppId={{6B0E6C5B-0B53-4B0C-9B43-0A2C9E9C7A11}
AppName=Atrium
AppVersion={#Version}
AppPublisher=Atrium
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Atrium
DefaultGroupName=Atrium
DisableProgramGroupPage=yes
PrivilegesRequired=admin
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2/max
SolidCompression=yes
OutputBaseFilename=atrium-{#Version}-setup
UninstallDisplayIcon={app}\current\atrium-desktop.exe
CloseApplications=yes
RestartApplications=no
SetupLogging=yes
; Signing of setup and uninstaller: pass /S"sign=signtool sign /fd sha256 /tr <timestamp server> /td sha256 $f"
#ifdef Sign
SignTool=sign
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
#ifexist "compiler:Languages\ChineseSimplified.isl"
Name: "zh"; MessagesFile: "compiler:Languages\ChineseSimplified.isl"
#endif

[CustomMessages]
en.TaskService=Count, back up and synchronise without anybody signed in (background service)
en.TaskIcon=Icon on the desktop
en.InitFailed=Atrium is installed, but the site could not be set up. See the log.
#ifexist "compiler:Languages\ChineseSimplified.isl"
zh.TaskService=无人登录时也计数、备份和同步（后台服务）
zh.TaskIcon=桌面图标
zh.InitFailed=Atrium 已安装，但站点未能设置。请查看日志。
#endif

[Tasks]
Name: "service"; Description: "{cm:TaskService}"
Name: "desktopicon"; Description: "{cm:TaskIcon}"; Flags: unchecked

[Dirs]
; The service and the desktop's users write sites and keys; others do not read them.
Name: "{commonappdata}\Atrium"; Permissions: admins-full system-full authusers-modify; Flags: uninsneveruninstall
Name: "{commonappdata}\Atrium\keys"; Permissions: admins-full system-full authusers-modify; Flags: uninsneveruninstall

[Files]
Source: "{#App}\*"; DestDir: "{app}\app-{#Version}"; Flags: recursesubdirs createallsubdirs ignoreversion
Source: "{#App}\root.json"; DestDir: "{app}"; Flags: skipifsourcedoesntexist onlyifdoesntexist
; WinSW 2.12 or newer (MIT licence), fetched by the release engineer, checked against its published hash.
Source: "WinSW-x64.exe"; DestDir: "{app}\service"; DestName: "WinSW.exe"; Flags: skipifsourcedoesntexist ignoreversion

[Icons]
Name: "{group}\Atrium"; Filename: "{app}\current\atrium-desktop.exe"; Parameters: "--site ""{code:SiteFolder}"""
Name: "{autodesktop}\Atrium"; Filename: "{app}\current\atrium-desktop.exe"; Parameters: "--site ""{code:SiteFolder}"""; Tasks: desktopicon

[UninstallRun]
Filename: "{sys}\sc.exe"; Parameters: "stop ""{code:ServiceName}"""; Flags: runhidden; RunOnceId: "stop"
Filename: "{sys}\sc.exe"; Parameters: "delete ""{code:ServiceName}"""; Flags: runhidden; RunOnceId: "delete"
Filename: "{cmd}"; Parameters: "/c rmdir ""{app}\current"""; Flags: runhidden; RunOnceId: "unlink"

[UninstallDelete]
; Versions that the updater staged; never anything of a site, which lies in ProgramData.
Type: filesandordirs; Name: "{app}\app-*"
Type: filesandordirs; Name: "{app}\updates"
Type: filesandordirs; Name: "{app}\service"
Type: files; Name: "{app}\managed-by"

[Code]
var
  InitFailed: Boolean;

function SiteFolder(Unused: String): String;
begin
  Result := ExpandConstant('{param:SITEFOLDER|{commonappdata}\Atrium\mall}');
end;

function ServiceName(Unused: String): String;
var
  Name: AnsiString;
begin
  Result := 'atrium';
  if LoadStringFromFile(ExpandConstant('{app}\service\name.txt'), Name) then
    Result := Trim(String(Name));
end;

function Run(const Parameters: String): Integer;
begin
  Log('atrium ' + Parameters);
  if not Exec(ExpandConstant('{app}\current\atrium.exe'), Parameters, '', SW_HIDE, ewWaitUntilTerminated, Result) then
    Result := -1;
  Log('exit status ' + IntToStr(Result));
end;

procedure StopService;
var
  Status: Integer;
begin
  Exec(ExpandConstant('{sys}\sc.exe'), 'stop "' + ServiceName('') + '"', '', SW_HIDE, ewWaitUntilTerminated, Status);
  Sleep(5000);
end;

procedure MakeCurrent;
var
  Status: Integer;
begin
  Exec(ExpandConstant('{cmd}'), '/c rmdir "' + ExpandConstant('{app}\current') + '"', '', SW_HIDE,
    ewWaitUntilTerminated, Status);
  Exec(ExpandConstant('{cmd}'), '/c mklink /J "' + ExpandConstant('{app}\current') + '" "'
    + ExpandConstant('{app}\app-{#Version}') + '"', '', SW_HIDE, ewWaitUntilTerminated, Status);
  if ExpandConstant('{param:MANAGED|}') <> '' then
    SaveStringToFile(ExpandConstant('{app}\managed-by'), ExpandConstant('{param:MANAGED|}'), False);
end;

procedure SetUpSite;
var
  Site, Parameters: String;
begin
  Site := '--site "' + SiteFolder('') + '" ';
  if ExpandConstant('{param:SITEFILE|}') <> '' then
  begin
    Parameters := Site + 'init --from "' + ExpandConstant('{param:SITEFILE|}') + '"';
    if ExpandConstant('{param:SECRETS|}') <> '' then
      Parameters := Parameters + ' --secrets "' + ExpandConstant('{param:SECRETS|}') + '"';
    InitFailed := Run(Parameters) <> 0;
  end;
end;

procedure InstallService;
var
  Status: Integer;
  Parameters, Definition, Wrapper: String;
  Found: TFindRec;
begin
  if not FileExists(SiteFolder('') + '\site.toml') or not FileExists(ExpandConstant('{app}\service\WinSW.exe')) then
    exit;
  Parameters := '--site "' + SiteFolder('') + '" service --install';
  if ExpandConstant('{param:SERVICEUSER|}') <> '' then
    Parameters := Parameters + ' --user "' + ExpandConstant('{param:SERVICEUSER|}') + '"';
  Run(Parameters);
  if FindFirst(ExpandConstant('{app}\service\atrium-*.xml'), Found) then
  begin
    Definition := ChangeFileExt(Found.Name, '');
    Wrapper := ExpandConstant('{app}\service\') + Definition + '.exe';
    FindClose(Found);
    FileCopy(ExpandConstant('{app}\service\WinSW.exe'), Wrapper, False);
    SaveStringToFile(ExpandConstant('{app}\service\name.txt'), Definition, False);
    Exec(Wrapper, 'install', '', SW_HIDE, ewWaitUntilTerminated, Status);
    Exec(Wrapper, 'start', '', SW_HIDE, ewWaitUntilTerminated, Status);
  end;
end;

procedure CurStepChanged(Step: TSetupStep);
begin
  if Step = ssInstall then
    StopService;
  if Step = ssPostInstall then
  begin
    MakeCurrent;
    SetUpSite;
    if WizardIsTaskSelected('service') then
      InstallService;
    if InitFailed and not WizardSilent then
      MsgBox(CustomMessage('InitFailed'), mbError, MB_OK);
  end;
end;

function GetCustomSetupExitCode: Integer;
begin
  Result := 0;
  if InitFailed then
    Result := 10;
end;
