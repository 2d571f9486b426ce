"""Common short words of the language, so that none of them in capitals is taken for a ticker."""

from typing import Final

from .wordlist import words

COMMON: Final = words(
    """
    a able about above act add after again ago ahead all allow alone along also am an and any are area
    arm around art as ask at away baby back bad ball bank bar base be beat been below best bet big bill
    bit black blood blue body book both bound box boy break bring buy by call calm came can cap car card
    care case cash cat chart chat cheap check chop city class clean clear close cold color come con cool
    core cost could crazy cross cut daily dark data date day days dead deal dear death did die dip do
    does dog done door down draw drop dry due each early earn easy eat edge else end enjoy enter equal
    even event ever every exit extra eye eyes face fact fade fail fair fall fame far fast fate fear feel
    feet few fib field fill film final find fine fire firm first fish fit five fix flag flat flip floor
    flow fly fomo food foot for force form four frame free fresh from front fuel full fully fun fund
    funds gain gains game gap gas gave get gets gift girl give glad go goal goes going gold gone gonna
    good got grab great green grow guess guy guys had hair half hand hands hang happy hard has hat hate
    have he head hear heart heat heavy held hell help her here hero hey hi high his hit hold home hope
    hot hour hours house how huge human hurt i ice idea if in index info insane into is it its job join
    juicy jump just keep kept key kick kid kids kill kind king knew know lack lady land large last late
    later law lead learn leave led left leg less let level lie life light like limit line link lion list
    lit live load long look looks lose loss lot lots love low lower luck lucky lunch mad made main major
    make man many map mark may me mean meant med meet mega men met might mild mind mine minor miss mode
    money month moon moons more most move much music must my name near neck need net never new news next
    nice night nine no none noon nor north not note now null of off often oil ok okay old on once one
    only onto open opens or order other our out over own page paid pain pair panic part party past pay
    pays peak per pick piece place plan plans play plays plus point poor pop power price prime print
    prob pull pump puke pure push put quick quiet quite race rain raise ran range rate read ready real
    red rent rest rich ride right ring rip rise risk road rock role roll room root round route rule run
    runs safe said sale same sand save saw say says scale scan score sea seat sec see seem seen self
    sell send sent set seven share sharp she ship shop short shot show shut sick side sign sir sit six
    size skip sky sleep slow small smart smile snow so soft sold some song soon sorry sort south space
    speed spend spike split spot stack staff stage start state stay step still stock stop store story
    stuff style such super sure swing take taken takes talk tall tape task team tell ten term test text
    than thank that the their them then there these they thick thin thing think third this those three
    tight time times tiny tip to today told too took top total touch tough town track trade train trap
    tree trend trial trim trip true trust truth try turn twice two type under until up upon upper us use
    used user usual via view vote wait walk wall want war warm was watch water wave way ways we weak
    week weeks well went were west what wheel when where which while white who whole why wide wife wild
    will win wind wins wish with woman won word words work world worse worst worth would wow write wrong
    yeah year years yes yet you young your zero zone gm gn gg wp ty tysm pls plz lol lfg btw imo tbh idk
    omg fyi asap dont cant wont im ive hes shes ur u r n y vs w b4
    """
)
