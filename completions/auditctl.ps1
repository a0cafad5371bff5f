# PowerShell completion for auditctl                       -*- shell-script -*-
#
# The command line is passed on as words. None of it is expanded or run.

Register-ArgumentCompleter -Native -CommandName 'auditctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $noFiles, $onlyDirs = 4, 16

    # The words before the cursor without their quotes, and the start of the one at it.
    $words = @()
    $typed = ''
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        $start, $end, $text = $element.Extent.StartOffset, $element.Extent.EndOffset, $element.Extent.Text
        if ($start -ge $cursorPosition) {
            break
        }
        if ($end -ge $cursorPosition) {
            $typed = $text.Substring(0, $cursorPosition - $start) -replace '[''"]', ''
            break
        }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
            $element -is [System.Management.Automation.Language.ExpandableStringExpressionAst]) {
            $text = $element.Value
        }
        $words += $text
    }

    # Before 7.3 an empty word is not passed on unless it is written as two quotes.
    $PSNativeCommandArgumentPassing = 'Standard'
    $last = $typed
    if ($last -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') {
        $last = '""'
    }
    $answer = @(& 'auditctl' __complete @words $last 2>$null)
    if ($answer.Count -eq 0 -or $answer[-1] -notmatch '^:\d+$') {
        return
    }
    $directive = [int]$answer[-1].Substring(1)
    if (($directive -band 1) -ne 0 -or ($directive -band $onlyDirs) -ne 0) {
        return
    }

    $flag = ''
    if ($typed -match '^-[^=]*=') {
        $flag = $Matches[0]
    }
    $offered = $false
    foreach ($line in ($answer | Select-Object -SkipLast 1)) {
        $name, $about = $line -split "`t", 2
        $name = $flag + $name
        if ($name.Length -lt $typed.Length -or $name.Substring(0, $typed.Length) -cne $typed) {
            continue
        }
        if (-not $about) {
            $about = $name
        }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $about)
        $offered = $true
    }
    if (-not $offered -and ($directive -band $noFiles) -ne 0) {
        '' # nothing at all: PowerShell would offer files
    }
}
