/// Words in Latin letters that are surely Dutch, English or French: they are compared by spelling alone.
///
/// Without this, "kosten" would find "kisten" as `chkaya` finds `chikaya`. A word that is not known here and has
/// no spelling of these languages may be Darija.
enum EuropeanWords {
    /// Whether the folded word is compared by spelling alone.
    static func contains(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count >= 2 else { return false }
        // 3, 7 and 9 inside a word are Darija.
        if word.contains(where: { $0 < 0x61 }) { return false }
        if word.count <= 24, common.contains(String(decoding: word, as: UTF8.self)) { return true }
        if hasDutchIJ(word) { return true }
        if inside.contains(where: { has($0, in: word) }) { return true }
        return endings.contains { word.count >= $0.count + 2 && word.suffix($0.count).elementsEqual($0) }
    }

    /// "tijd", "vrije", not "Khadija", nor "sijn" (prison) with or without article.
    private static func hasDutchIJ(_ word: ArraySlice<UInt8>) -> Bool {
        if word.suffix(4).elementsEqual("sijn".utf8) { return false }
        for index in word.indices.dropLast() where word[index] == 0x69 && word[index + 1] == 0x6A {
            let next = index + 2 < word.endIndex ? word[index + 2] : 0
            if ![0x61, 0x69, 0x6F, 0x75].contains(next) { return true }
        }
        return false
    }

    private static func has(_ part: [UInt8], in word: ArraySlice<UInt8>) -> Bool {
        guard word.count >= part.count else { return false }
        for start in word.startIndex...(word.endIndex - part.count)
        where word[start] == part[0] && word[start..<start + part.count].elementsEqual(part) {
            return true
        }
        return false
    }

    private static func list(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { Array($0.utf8) } }

    /// Spellings that Latin Darija does not have.
    private static let inside = list("sch ck tion sion eau ght tje eeu ieu ouw auw oei ooi aai eui uis uit qui que eur")

    private static let endings = list(
        """
        ing heid ment ments lijk lijke ings tjes atie ities iteit ness ful able ible ance ence tique ique ette ettes \
        elle elles euse aient ez eux aux ants ents erd eerd eren elen igen nden nten rden rten llen tten ssen kken \
        ppen nnen mmen rren dden ggen bben nken rken lken sten chten
        """)

    private static let common: Set<String> = Set(
        (dutch + " " + english + " " + french).split(separator: " ").map(String.init))

    private static let dutch = """
        aan achter actie advies advocaat advocaten af afspraak agent al algemeen alle alleen allemaal alles als \
        altijd ambassade ander andere anders antwoord april asiel augustus auto avond baan baas bang bed bedankt been \
        begin bel belde bellen beller ben beneden best beste betaald betaalt betalen beter bezoek bezwaar bij binnen \
        blijven bloed boek boete boodschap boven brengen breng brief brieven broer brood bus bussen buiten contact \
        daar daarna dag dagen dan dank dat datum de december deel deden deed den der deur deuren deze dicht die \
        dienst dit doen doet dokter dood door draad drie drinken duur een eens eerst eerste einde elk elkaar elke en \
        er erg eten even familie februari feest fiets foto fout ga gaan gaat gat gebeld gedaan geen gehad geld \
        geleden geluk gemeente genoeg geven geweest gewoon gezien gezin gisteren goed goede graag groot grote haar \
        haast had hadden half hand handen hard hart hebben hebt heeft heel heen heer hele help helpen hem hen het \
        hier hij hoe hoek hoes hond hoor horen hotel hulp huis huizen hun iemand iets ik in is ja jaar jaren jammer \
        januari jas jij jouw juli juni kaart kaarten kamer kamp kan kans kant kantoor kas kast kasten keer kennen \
        kent ken kijk kijken kind kinderen kist kisten klaar klacht klachten klant klein kleine klok kom komen komt \
        kon kopie kost kosten koud kracht krijgen krijgt kunnen kunt kus kussen laat laatste land lang lange later \
        leeg leger leren les leven lezen licht lief liever liggen links lopen los maand maandag maanden maar maart \
        maat macht mag maken man mannen markt me mee meer meest mei meld melden melding mens mensen met middag mijn \
        min minder minuten mis moeder moet moeten mogelijk mogen moment mond mooi morgen muur na naam naar nacht nee \
        neem nemen niemand niet niets nieuw nieuwe nodig nog noemen nooit nou nu nummer oktober om omdat onder \
        ongeveer ons onze ook oom oor op open oma oud ouder ouders over paard paar pakken pas paspoort pijn plaats \
        plaatsen plan politie post praat praten probleem problemen raam recht rechten rechts rechtbank rechter reden \
        regel rest reis reizen rond rood rug rust ruzie samen school schuld september sinds slaan slapen slecht \
        sleutel sloten soms soort spoed spreek spreken staan staat stad steeds steen stel stem stoel stond straat \
        straks straf stuk stuur sturen taal tafel tas te tegen telefoon ter terug tijd toch toen tolk tot trein \
        tussen tuin twee tweede twaalf uur uren vaak vader van vanaf vanavond vandaag vast veel veilig ver verder \
        verkeerd verlof verloren verstuurd verzoek via vier vijf vind vinden vlees vliegtuig vlucht voelen voet \
        volgende volle vol voor voorbeeld vorig vorige vraag vragen vreemd vriend vrienden vrij vrijdag vroeg vrouw \
        vrouwen waar waarom wacht wachten wanneer want ware waren was wat water we wedden week weer weg weet weken \
        welke werd werden wereld werk werken werkt weten wie wij wil wild wilde wilden willen wilt winkel wist wit \
        woensdag wonen woning woon woord woorden wordt worden zaak zaken zat zaterdag ze zee zeer zeg zeggen zegt zei \
        zeker zelf zes zetten zeven zich zie zien ziek ziekenhuis zijn zin zit zitten zoals zoeken zo zomer zon \
        zondag zonder zoon zorg zou zouden zullen zus zusje zwaar zwart bellen ballen bollen
        """

    private static let english = """
        about after again ago all almost already also always and any anyone appeal april are arrest asked ask august \
        away back bad bank bed been before being best better big boat book bought bring brother brought bus but by \
        call called came can car card case cases cat child children city claim clear close closed cold come complaint \
        complaints could cost country court date day days dear december did died do doctor does done door down each \
        early eat embassy end ever every eye face fact family far father fear feel few file find fine first food for \
        form found four free friday friend friends from full gave get girl give go god going gone good got great had \
        half hand hands happy hard has have he head hear heard heart help her here hers high him his home hope \
        hospital hour hours house how hurt if ill in into is it its january job july june just keep kept kind know \
        last late later law lawyer lawyers leave left less let letter letters life like line list little live long \
        look lost lot love made mail make man many march may maybe me mean men message met mind mine minutes miss mom \
        monday money month months more morning most mother much must name near need never new news next night no not \
        nothing now number october of off office officer old on one only open or other our out over own paid paper \
        papers part past pay people phone place plan plane please police poor prison problem put read ready real \
        reason received rent report rest right road room run sad safe same saw say school see seen send sent shall \
        she ship should show sick side sign signed since sister sit six sleep small so some someone son soon sorry \
        speak spoke start state still stop street such sun sure take taken talk tell ten than thank thanks that the \
        their them then there these they thing think this those time to today told tomorrow too took town train \
        travel tree trip true try turn two under until up us use used very visa visit voice wait walk want wanted was \
        water way we week weeks well went were what when where which while white who why wife will win wish with \
        without woman women word words work worked world worse would write wrong year years yes yesterday yet you \
        young your chat hat hot hut cut bed bad boot bat meet
        """

    private static let french = """
        acte aide aider ainsi aller alors ami amis an ans apres appel appeler argent arrive arriver assez au aucun \
        aussi autre autres avant avec avez avis avocat avocate avocats avoir avons avril balle beaucoup belle bien \
        billet bless blesse blessee blesses bon bonjour bonne bonsoir boule bras bureau ca car carte cas ce cela \
        celui cent centre ces cet cette chaque chat chaud cher chez chien chose choses ciel cinq coeur combien comme \
        comment compte contre corps cote coup cour cours dans date de deja demain demande demander depart depuis \
        dernier derniere des deux devant devoir dire dit dix docteur dois doit donc donne donner dont dossier douze \
        droit droite droits du elle en encore enfant enfants ensemble entre est et etait ete etre eux facile faim \
        faire fait famille faut femme femmes fil fille fils fin fois font force forme frere gare gens grand grande \
        gros guerre heure heures hier homme hommes hopital ici il ils jamais janvier je jour jours juge juillet juin \
        juste la le les lettre leur lieu lire livre loi long lui lundi mai mais maison mal malade maladie mais manger \
        mardi mari mars matin me meme mer merci mere mes mettre midi mieux minute moi moins mois mon monde mort mot \
        mots ne neuf noir nom non nord nos notre nous nouveau nouvelle nuit numero on ont ordre ou oui ouvert ouvrir \
        papier papiers par parce pardon parents parler part partir pas passe passeport pays peine pendant perdu pere \
        personne petit petite peu peur peut pied place plainte plaintes plein plus point porte porter pour pourquoi \
        pouvoir premier prendre pres prie prison pris prix probleme prochain puis qui quoi raison recu reponse retard \
        retour rien route rue sa sais sait salle samedi sang sans sante se semaine sept sera ses seul si six soeur \
        soir soleil son sont sous souvent suis suite sur ta table tard te telephone temps tes tete toi ton toujours \
        tous tout toute tres trois trop trouve trouver tu un une va vais vas vendredi venir vent vers veut veux vie \
        vieux ville vin vingt visite vite vivre voici voila voir voiture vol vos votre vous voyage vrai vue poste \
        poisson poison
        """
}
